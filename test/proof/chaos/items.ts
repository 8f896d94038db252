import type { Check } from '../../../client/load/check.ts';
import { itemBytes } from '../../support/item-size.ts';
import type { Item } from '../table-reader.ts';

/** An eighth of DynamoDB's limit, and more than five hundred of the largest entries. */
export const MAX_ITEM_BYTES = 50 * 1024;

/** Reads the heads repeatedly. None may grow without bound, and `turned` and the watermark may never fall. */
export class ItemWatch {
  readonly #seen = new Map<string, { readonly turned: bigint; readonly watermark: string }>();
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
      if (bytes > MAX_ITEM_BYTES) {
        this.#large.push(`${name}: ${bytes} bytes`);
      }
      const now = { turned: (item['turned'] as bigint | undefined) ?? 0n, watermark: hex(item['watermark']) };
      const before = this.#seen.get(name) ?? now;
      if (now.turned < before.turned || now.watermark < before.watermark) {
        this.#fallen.push(
          `${name}: from ${before.turned} and ${before.watermark} to ${now.turned} and ${now.watermark}`,
        );
      }
      this.#seen.set(name, now);
    }
  }

  /** What was found, with a last look. */
  checks(accounts: readonly Item[]): readonly Check[] {
    this.look(accounts);
    return [
      {
        name: 'I6',
        promise: 'no watermark fell, and no count of the entries that have left a head',
        checked: this.#looks,
        broken: this.#fallen,
        open: [],
      },
      {
        name: 'I7',
        promise: `no head is larger than ${MAX_ITEM_BYTES / 1024} KB`,
        checked: this.#looks,
        broken: this.#large,
        open: [],
      },
    ];
  }
}

/** Bytes as text of the same order. No bytes come first. */
function hex(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : '';
}
