import type { IncomingHttpHeaders } from 'node:http';
import { HEADERS } from '../../../client/contract/operations.ts';
import type { CallRecord } from '../../../client/load/call.ts';
import type { Check } from '../../../client/load/check.ts';
import { itemBytes } from '../../support/item-size.ts';
import type { Item } from '../table-reader.ts';
import { breachOf, type Operation } from './operation.ts';

/** An eighth of DynamoDB's limit. More than five hundred of the largest entries fit. */
export const MAX_ITEM_BYTES = 50 * 1024;

/** Reads the heads repeatedly. None may grow without bound, and `turned` and the watermark may never fall. */
export class ItemWatch {
  readonly #seen = new Map<string, { readonly turned: bigint; readonly watermark: string }>();
  readonly #fallen: string[] = [];
  readonly #large: string[] = [];
  #looks = 0;
  #largestBytes = 0;

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

  /** The results, after a last look. */
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

/** Bytes as text that sorts like them. No bytes come first. */
function hex(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : '';
}

/** What is in the bank's three tables. */
export interface Tables {
  readonly accounts: readonly Item[];
  readonly pages: readonly Item[];
  readonly cached: readonly Item[];
}

const PATH_WITH_KEY = /\/(?:replies|cancellations|holds|refunds)\/([^/]+)/;
/** A key that the bank made, for a credit or the end of a hold: a UUIDv8. No caller can use one. */
const OF_THE_BANK = /^[0-9a-f]{8}-[0-9a-f]{4}-8/;

/**
 * Knows the keys that clients reported before they sent anything, and looks for other keys in the requests, the ledger and the
 * tables. If the run mistook another key for a client's, it would resolve a call that no client made, and so move money itself.
 */
export class KeyWatch {
  readonly #known = new Set<string>();
  readonly #others: string[] = [];
  #looks = 0;

  /** Enters the key of a new call, as its client reported it. */
  add(key: string): void {
    this.#known.add(key);
  }

  /** Looks at a request on its way to a Region. */
  pass({ path, headers }: { readonly path: string; readonly headers: IncomingHttpHeaders }): void {
    for (const key of [headers[HEADERS.idempotencyKey], PATH_WITH_KEY.exec(path)?.[1]]) {
      if (key !== undefined) {
        this.#look(String(key), `was sent to ${path}`);
      }
    }
  }

  /** The result, after a look at the ledger and the tables. */
  check(records: readonly CallRecord[], { accounts, pages, cached }: Tables): Check {
    for (const { key, call } of records) {
      if (key !== undefined) {
        this.#look(key, `was checked on ${call.account}`);
      }
    }
    for (const { account, keys } of [...accounts, ...pages]) {
      for (const key of (keys as readonly Uint8Array[]).map(uuidOf)) {
        if (!OF_THE_BANK.test(key)) {
          this.#look(key, `is in the book of ${account}`);
        }
      }
    }
    for (const { account, key } of cached) {
      // The end of a hold is searched for under the key of the hold.
      const [name = ''] = String(key).split('/');
      if (!OF_THE_BANK.test(name)) {
        this.#look(name, `is cached for ${account}`);
      }
    }
    return {
      name: 'keys',
      promise: 'a client reported each key before it sent it; no other was sent, checked or recorded',
      checked: this.#looks,
      broken: this.#others,
      open: [],
    };
  }

  #look(key: string, where: string): void {
    this.#looks += 1;
    if (!this.#known.has(key)) {
      this.#others.push(`${key} ${where}, and no client reported it`);
    }
  }
}

function uuidOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** Compares the requests to DynamoDB with the rules of strongly consistent tables. */
export class RuleWatch {
  readonly #breaches: string[] = [];
  #requests = 0;

  /** Looks at a request. `strong` names the tables with these rules. Returns how it breaks them, if it does. */
  pass(operation: Operation, strong: readonly string[]): string | undefined {
    this.#requests += 1;
    const breach = breachOf(operation, strong);
    if (breach !== undefined) {
      this.#breaches.push(breach);
    }
    return breach;
  }

  check(): Check {
    return {
      name: 'rules',
      promise:
        'no transaction, no time to live, no local index on accounts and pages, and no read of them that may be behind',
      checked: this.#requests,
      broken: this.#breaches,
      open: [],
    };
  }
}
