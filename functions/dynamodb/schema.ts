/** Names of the three tables, the same in both Regions. */
export interface TableNames {
  readonly accounts: string;
  readonly pages: string;
  readonly idempotency: string;
}

/** An attribute of a key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
  readonly role: 'HASH' | 'RANGE';
}

/** Key of a table, the attribute after which its items expire, and its index. */
export interface TableSchema {
  readonly keys: readonly KeyAttribute[];
  /** Attribute that holds the time to live; absent where items never expire. */
  readonly timeToLive?: string;
  /** A global secondary index that holds keys only. It has the items alone that have all attributes of its key. */
  readonly index?: { readonly name: string; readonly keys: readonly KeyAttribute[] };
}

/** Attributes of every key of a table, its index included, each once. A table is created with the types of these, and of no others. */
export function keyAttributes({ keys, index }: TableSchema): readonly KeyAttribute[] {
  const own = (index?.keys ?? []).filter(({ name }) => keys.every((key) => key.name !== name));
  return [...keys, ...own];
}

/**
 * The only schema there is: the CDK app deploys it, and the local bank and the tests create their tables from it. It is
 * data, so that they need not load the CDK to learn three keys.
 */
export const SCHEMA = {
  accounts: {
    keys: [{ name: 'account', type: 'S', role: 'HASH' }],
    // Where the sweep looks for accounts that are due. It may be behind, so nothing is decided from it.
    index: {
      name: 'due',
      keys: [
        { name: 'dueShard', type: 'N', role: 'HASH' },
        { name: 'dueAt', type: 'N', role: 'RANGE' },
      ],
    },
  },
  pages: {
    keys: [
      { name: 'account', type: 'S', role: 'HASH' },
      { name: 'first', type: 'N', role: 'RANGE' },
    ],
    // Where the function looks for an old call. It may be behind, so nothing is decided from it.
    index: {
      name: 'watermark',
      keys: [
        { name: 'account', type: 'S', role: 'HASH' },
        { name: 'watermark', type: 'B', role: 'RANGE' },
      ],
    },
  },
  idempotency: {
    keys: [
      { name: 'account', type: 'S', role: 'HASH' },
      { name: 'key', type: 'S', role: 'RANGE' },
    ],
    timeToLive: 'expiresAt',
  },
} as const satisfies Readonly<Record<keyof TableNames, TableSchema>>;
