/** Names of the three tables, the same in both Regions. */
export interface TableNames {
  readonly accounts: string;
  readonly pages: string;
  readonly idempotency: string;
}

/** Key of a table, and the attribute after which its items expire. */
export interface TableSchema {
  readonly keys: readonly {
    readonly name: string;
    readonly type: 'S' | 'N' | 'B';
    readonly role: 'HASH' | 'RANGE';
  }[];
  /** Attribute that holds the time to live; absent where items live for ever. */
  readonly timeToLive?: string;
}

/**
 * The only schema there is: the CDK app deploys it, and the local bank and the tests create their tables from it. It is
 * data, so that they need not load the CDK to learn three keys.
 */
export const SCHEMA: Readonly<Record<keyof TableNames, TableSchema>> = {
  accounts: { keys: [{ name: 'account', type: 'S', role: 'HASH' }] },
  pages: {
    keys: [
      { name: 'account', type: 'S', role: 'HASH' },
      { name: 'first', type: 'N', role: 'RANGE' },
    ],
  },
  idempotency: {
    keys: [
      { name: 'account', type: 'S', role: 'HASH' },
      { name: 'key', type: 'S', role: 'RANGE' },
    ],
    timeToLive: 'expiresAt',
  },
};
