import { timeMsOf } from './amount.ts';
import { type Environment, platform } from './environment.ts';
import { InvalidArgumentError } from './errors.ts';

/** A `Date` header is in whole seconds and arrives late, so a clock that differs by less than this may be more precise. */
const DATE_TOLERANCE_MS = 2_000;

/**
 * Mints idempotency keys: UUIDv7 (RFC 9562), with the time of minting inside.
 *
 * It uses the time of the bank, which it knows from the `Date` of the last answer. If it used a clock that is behind, the bank would have
 * to search its pages for each key. A clock that is ahead would raise the watermark above the keys of all other callers of the account.
 * Keys from a clock that is far off would be refused.
 *
 * The `Date` of a proxy or of one Region may be wrong, too. So a correction of the clock is kept only if the bank accepts a key that was
 * minted with it. If the bank refuses such a key for its time, the minter returns to the correction before, and ignores every `Date`
 * until the bank refuses another key.
 */
export class KeyMinter {
  readonly #environment: Pick<Environment, 'wallClockMs' | 'randomBytes'>;
  #correctionMs = 0;
  /** The correction of the last key that the bank accepted. */
  #provenMs: number | undefined;
  #isFixed = false;

  constructor(environment: Pick<Environment, 'wallClockMs' | 'randomBytes'> = platform) {
    this.#environment = environment;
  }

  /** What is added to the clock of this machine, in milliseconds. */
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

  /** Learns the bank's time from an answer that has just arrived. */
  learn(bankTimeMs: number): void {
    if (!this.#isFixed && Math.abs(bankTimeMs - this.nowMs()) > DATE_TOLERANCE_MS) {
      this.#correctionMs = bankTimeMs - this.#environment.wallClockMs();
    }
  }

  /** Learns that the bank has accepted a key that was minted with this correction. */
  prove(correctionMs: number): void {
    this.#provenMs = correctionMs;
  }

  /**
   * Learns that the bank has refused a key for its time, the time of the bank, and the correction when the key was minted. Other calls may
   * have corrected the clock since: then the refusal says nothing new.
   */
  refuse(bankTimeMs: number, correctionMs: number): void {
    if (correctionMs !== this.#correctionMs) {
      return;
    }
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

/** Lays out a UUIDv7 (RFC 9562, section 5.7): 48 bits of time, the version with 12 random bits, and the variant with 62. */
function layOut(timeMs: number, first: bigint, second: bigint): string {
  const high = (BigInt(timeMs) << 16n) | 0x7000n | first;
  const low = 0x8000000000000000n | second;
  const digits = ((high << 64n) | low).toString(16).padStart(32, '0');
  return [0, 8, 12, 16, 20].map((from, part, starts) => digits.slice(from, starts[part + 1])).join('-');
}

/** A UUIDv7 has 48 bits for its time in milliseconds. */
const MAX_TIME_MS = 2 ** 48 - 1;

/**
 * Makes a key from a name and a time. It is always the same key, so you need not store it. `at` is a `Date` or milliseconds since 1970.
 * The random bits of the key are the first 74 bits of SHA-256 of the name in UTF-8.
 *
 * The bank accepts the key for 30 days from `at`. So give a time that you have stored with the name, such as the time of the order, and
 * never the current time. Use each name for one call only. Anyone who knows the name and the time knows the key.
 *
 * Throws {@link InvalidArgumentError} if the name is empty or `at` is not a time since 1970.
 *
 * @example
 * ```ts
 * const key = await keyFor('order-4711:capture', { at: order.createdAt });
 * await bank.withdraw(order.account, order.priceMinor, { key });
 * ```
 */
export async function keyFor(name: string, { at }: { readonly at: Date | number }): Promise<string> {
  const timeMs = timeMsOf(at);
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > MAX_TIME_MS) {
    throw new InvalidArgumentError(
      `at must be a Date or whole milliseconds since 1970; got ${String(at)}. Nothing was sent.`,
    );
  }
  if (typeof name !== 'string' || name === '') {
    throw new InvalidArgumentError(
      'The name of a key must be a string of at least one character. Nothing was sent.',
    );
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)));
  // The first 74 bits: 12 go behind the version, 62 behind the variant.
  const bits =
    BigInt(`0x${[...hash.subarray(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`) >> 6n;
  return layOut(timeMs, bits >> 62n, bits & 0x3fffffffffffffffn);
}

/**
 * Mints one key, to be stored with the order before the call is made: a UUIDv7 (RFC 9562) with the time of this machine's clock and
 * 74 random bits. The bank accepts it for 30 days. It refuses the key with `key_in_future` if the clock is more than 5 minutes ahead;
 * after that, use {@link BankClient.mintKey}, which uses the bank's time. Throws nothing, and sends nothing.
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
