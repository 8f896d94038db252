import type { Credentials } from '../options.ts';

/** What is used of AWS's own credentials chain. */
export interface ChainModule {
  readonly defaultProvider: (options: {
    readonly maxRetries: number;
    readonly timeout: number;
  }) => () => Promise<Credentials>;
}

/** Loads AWS's chain. */
export type LoadChain = () => Promise<ChainModule>;

/** Loads it when it is needed and not before: it is large, and whoever has keys in the environment can do without. */
export const loadAwsChain: LoadChain = () => import('@aws-sdk/credential-provider-node');
