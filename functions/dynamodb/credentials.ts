/**
 * Replaces `@aws-sdk/credential-provider-node` in a bundle (`infra/bundle.ts`). Lambda gives a function its credentials in the
 * environment. The SDK's own provider reads them there too, but also brings all other providers, a third of the bundle.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
