/** An item of a table, its numbers as bigints. */
export type Item = Readonly<Record<string, unknown>>;

/** An item cannot go into the fresh bank. It is left out and named; nothing is guessed. */
export class ItemError extends Error {
  override readonly name = 'ItemError';
  readonly code = 'item_unusable';
  /** Account that the item belongs to. */
  readonly account: string;

  constructor(account: string, why: string, options?: ErrorOptions) {
    super(`${JSON.stringify(account)} cannot be used: ${why}`, options);
    this.account = account;
  }
}

/** True when two items are the same, whatever the order of their attributes. */
export function sameItem(one: Item, other: Item): boolean {
  return canonical(one) === canonical(other);
}

function canonical(item: Item): string {
  const sorted = Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted, (_, value: unknown) =>
    typeof value === 'bigint' ? { bigint: String(value) } : value,
  );
}
