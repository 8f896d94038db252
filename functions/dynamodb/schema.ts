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

/** The key of a table, its time-to-live attribute, and its index. */
export interface TableSchema {
  readonly keys: readonly KeyAttribute[];
  /** Time-to-live attribute; absent if items never expire. */
  readonly timeToLive?: string;
  /** A global secondary index with keys only. It contains only items that have all attributes of its key. */
  readonly index?: { readonly name: string; readonly keys: readonly KeyAttribute[] };
}

/** The key attributes of a table and its index, each once. CreateTable takes the types of exactly these attributes. */
export function keyAttributes({ keys, index }: TableSchema): readonly KeyAttribute[] {
  const own = (index?.keys ?? []).filter(({ name }) => keys.every((key) => key.name !== name));
  return [...keys, ...own];
}

/**
 * The schema of the tables. The CDK app deploys it, and the local bank and the tests create their tables from it. It is plain data, so
 * that they do not have to load the CDK.
 */
export const SCHEMA = {
  accounts: {
    keys: [{ name: 'account', type: 'S', role: 'HASH' }],
    // The sweep looks for due accounts here. The index may be behind, so nothing is decided from it.
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
    // The function looks for the page of an old call here. The index may be behind, so nothing is decided from it.
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
