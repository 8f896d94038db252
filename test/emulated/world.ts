import type { Aws } from './aws.ts';
import type { Callers } from './callers.ts';
import type { Cdk } from './cdk.ts';
import type { EmulatedBank } from './emulated-bank.ts';

/** Everything that steps are made of: a bank that is deployed, its callers, and AWS around it. */
export interface World {
  readonly aws: Aws;
  readonly cdk: Cdk;
  readonly bank: EmulatedBank;
  readonly callers: Callers;
  readonly signal: AbortSignal;
}

/** Every account that is called with success. The list of accounts has each of them, and no other. */
export const ACCOUNTS = { joe: 'joe', till: 'till', jar: 'jar', wallet: 'wallet-1' } as const;
