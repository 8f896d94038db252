/**
 * What a bundle has in the place of `@aws-sdk/credential-provider-node` (`infra/bundle.ts`): Lambda gives a function its credentials in
 * the environment. The SDK would take them from there as well, but its bundle carries the other providers along, a third of it.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
