import { type Environment, platform } from './environment.ts';
import { InvalidArgumentError } from './errors.ts';

/** A `Date` header has whole seconds and has travelled, so a clock that is nearer to it than this may be the better one. */
const DATE_TOLERANCE_MS = 2_000;

/**
 * Mints idempotency keys: UUIDv7 (RFC 9562), with the time of minting inside.
 *
 * It mints by the bank's time, as the `Date` of the last answer gave it; the clock of the machine is left alone. A clock that
 * is behind makes keys that the bank has to search its pages for, and one that is ahead makes everybody else's keys on the
 * account old; one that is far off makes keys that the bank will not take.
 *
 * A `Date` may be wrong as well, of a proxy or of one Region. So a correction is kept only once the bank has accepted a key
 * that was minted by it: if it refuses such a key for its time, the one before comes back, and no `Date` is believed any more.
 */
export class KeyMinter {
  readonly #environment: Pick<Environment, 'wallClockMs' | 'randomBytes'>;
  #correctionMs = 0;
  /** The correction of the last key that the bank took. */
  #provenMs: number | undefined;
  #isFixed = false;

  constructor(environment: Pick<Environment, 'wallClockMs' | 'randomBytes'> = platform) {
    this.#environment = environment;
  }

  /** What is added to the machine's clock, in milliseconds. */
  get correctionMs(): number {
    return this.#correctionMs;
  }

  /** Milliseconds since 1970, corrected. */
  nowMs(): number {
    return Math.round(this.#environment.wallClockMs() + this.#correctionMs);
  }

  mint(): string {
    return uuidV7(this.nowMs(), this.#environment.randomBytes(16));
  }

  /** Learns the bank's time from an answer of just now. */
  learn(bankTimeMs: number): void {
    if (!this.#isFixed && Math.abs(bankTimeMs - this.nowMs()) > DATE_TOLERANCE_MS) {
      this.#correctionMs = bankTimeMs - this.#environment.wallClockMs();
    }
  }

  /** Learns that the bank has taken a key that was minted by a correction. */
  prove(correctionMs: number): void {
    this.#provenMs = correctionMs;
  }

  /** Learns that the bank has refused a key for its time, and what time it says it is. */
  refuse(bankTimeMs: number): void {
    if (this.#provenMs === undefined || this.#provenMs === this.#correctionMs) {
      this.#isFixed = false;
      this.learn(bankTimeMs);
      return;
    }
    this.#correctionMs = this.#provenMs;
    this.#isFixed = true;
  }
}

function uuidV7(timeMs: number, random: Uint8Array): string {
  const view = new DataView(random.buffer, random.byteOffset, random.byteLength);
  return layOut(timeMs, view.getBigUint64(0) & 0xfffn, view.getBigUint64(8) & 0x3fffffffffffffffn);
}

/** Lays out a UUIDv7 (RFC 9562, section 5.7): 48 bits of time, then 12 and 62 others behind the version and the variant. */
function layOut(timeMs: number, first: bigint, second: bigint): string {
  const high = (BigInt(timeMs) << 16n) | 0x7000n | first;
  const low = 0x8000000000000000n | second;
  const digits = ((high << 64n) | low).toString(16).padStart(32, '0');
  return [0, 8, 12, 16, 20].map((from, part, starts) => digits.slice(from, starts[part + 1])).join('-');
}

/** Times that a UUIDv7 has room for: 48 bits of milliseconds. */
const MAX_TIME_MS = 2 ** 48 - 1;

/**
 * Makes the key of a name and a time: always the same one, so that a caller need not store it. The time is `at`, in
 * milliseconds since 1970 or as a `Date`; the random bits are the first 74 bits of SHA-256 of the name in UTF-8. The bank
 * takes the key for 30 days from `at`, so give a time that is stored with the name, such as when an order was made, never the present one.
 * The name must be your own and used for one call: who knows name and time knows the key.
 *
 * Throws {@link InvalidArgumentError} when the name is empty or `at` is no time from 1970 on.
 *
 * @example
 * ```ts
 * const key = await keyFor('order-4711:capture', { at: order.createdAt });
 * await bank.withdraw(order.account, order.priceMinor, { key });
 * ```
 */
export async function keyFor(name: string, { at }: { readonly at: Date | number }): Promise<string> {
  const timeMs = Number(at);
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > MAX_TIME_MS) {
    throw new InvalidArgumentError(
      `at: a Date, or whole milliseconds since 1970, not ${String(at)}. Nothing was sent.`,
    );
  }
  if (typeof name !== 'string' || name === '') {
    throw new InvalidArgumentError('A key is made for a name of at least one character. Nothing was sent.');
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)));
  // 74 bits of the hash: 12 behind the version, then 62 behind the variant.
  const bits =
    BigInt(`0x${[...hash.subarray(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`) >> 6n;
  return layOut(timeMs, bits >> 62n, bits & 0x3fffffffffffffffn);
}

/**
 * Mints one key, to be stored next to the order before the call is made: a UUIDv7 (RFC 9562) with the time of this machine's
 * clock and 74 random bits. The bank takes it for 30 days, and refuses it with `key_in_future` when the clock is more than
 * 5 minutes ahead; {@link BankClient.mintKey} knows better after that. Throws nothing, and sends nothing.
 *
 * @example
 * ```ts
 * const key = mintKey();
 * await orders.save({ ...order, key });
 * await bank.withdraw(order.account, order.priceMinor, { key });
 * ```
 */
export function mintKey(): string {
  return new KeyMinter().mint();
}
