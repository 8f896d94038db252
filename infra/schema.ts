import type { TableNames } from './names.ts';

/** Key of a table, and the attribute after which its items expire. */
export interface TableSchema {
  readonly keys: readonly {
    readonly name: string;
    readonly type: 'S' | 'N' | 'B';
    readonly role: 'HASH' | 'RANGE';
  }[];
  /** Attribute that holds the time to live, or null where items live for ever. */
  readonly timeToLive: string | null;
}

/**
 * The only schema there is: the CDK app deploys it, and the local bank and the tests create their tables from it. It is
 * data, so that those need not load and run the CDK to learn three keys.
 */
export const SCHEMA: Readonly<Record<keyof TableNames, TableSchema>> = {
  accounts: { keys: [{ name: 'account', type: 'S', role: 'HASH' }], timeToLive: null },
  pages: {
    keys: [
      { name: 'account', type: 'S', role: 'HASH' },
      { name: 'first', type: 'N', role: 'RANGE' },
    ],
    timeToLive: null,
  },
  idempotency: {
    keys: [
      { name: 'account', type: 'S', role: 'HASH' },
      { name: 'key', type: 'S', role: 'RANGE' },
    ],
    timeToLive: 'expiresAt',
  },
};
