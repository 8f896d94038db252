import { itemBytes } from '../support/item-size.ts';
import type { Item } from './tables.ts';

/** A promise of the bank, how often it was looked at, and where it was not kept. */
export interface Check {
  readonly name: string;
  readonly says: string;
  readonly checked: number;
  readonly broken: readonly string[];
  readonly open: readonly string[];
}

/** Where nothing was looked at, as in a run that was ended at once, nothing was found out either. */
export function isPromiseKept({
  checked,
  broken,
  open,
}: Pick<Check, 'checked' | 'broken' | 'open'>): boolean {
  return checked > 0 && broken.length === 0 && open.length === 0;
}

/** About a third of what DynamoDB takes: the thousand replies that an account may remember, and some in flight. */
export const MAX_ITEM_BYTES = 128 * 1024;

/** Looks at the items of the accounts again and again: none may grow without bound, and no watermark may fall. */
export class ItemWatch {
  readonly #watermarks = new Map<string, string>();
  readonly #fallen: string[] = [];
  readonly #large: string[] = [];
  #looks = 0;
  #largestBytes = 0;

  /** Size of the largest item that was seen. */
  get largestBytes(): number {
    return this.#largestBytes;
  }

  look(accounts: readonly Item[]): void {
    this.#looks += accounts.length;
    for (const item of accounts) {
      const name = String(item['account']);
      const bytes = itemBytes(item);
      this.#largestBytes = Math.max(this.#largestBytes, bytes);
      if (bytes > MAX_ITEM_BYTES) this.#large.push(`${name}: ${bytes} bytes`);
      const before = this.#watermarks.get(name);
      const now = typeof item['watermark'] === 'string' ? item['watermark'] : '';
      if (before !== undefined && now < before)
        this.#fallen.push(`${name}: from ${before} to ${now || 'none'}`);
      this.#watermarks.set(name, now);
    }
  }

  /** What was found, with a last look at both tables. */
  checks(accounts: readonly Item[], archived: readonly Item[]): readonly Check[] {
    this.look(accounts);
    const lost = archivedAboveWatermark(accounts, archived);
    return [
      {
        name: 'I6',
        says: 'no watermark fell, and what was archived is below it',
        checked: this.#looks + archived.length,
        broken: [...this.#fallen, ...lost],
        open: [],
      },
      {
        name: 'I7',
        says: `no account's item is larger than ${MAX_ITEM_BYTES / 1024} KB`,
        checked: this.#looks,
        broken: this.#large,
        open: [],
      },
    ];
  }
}

/** Replies that have left their account while nothing keeps their keys from being executed again. */
export function archivedAboveWatermark(accounts: readonly Item[], archived: readonly Item[]): string[] {
  const byName = new Map(accounts.map((item) => [String(item['account']), item]));
  return archived.flatMap(({ account, key }) => {
    const name = String(account);
    // Where a sweep stopped is kept there too.
    if (name.startsWith('#')) return [];
    const item = byName.get(name) ?? {};
    const isBelow = typeof item['watermark'] === 'string' && String(key) <= item['watermark'];
    return isBelow || `reply:${key}` in item ? [] : [`${name}: ${key} was archived above the watermark`];
  });
}
