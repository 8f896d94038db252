import { type Environment, platform } from './environment.ts';

/**
 * Mints idempotency keys: UUIDv7 (RFC 9562), with the time of minting inside.
 *
 * A clock that is wrong by more than the bank allows makes keys that the bank will not take. The minter then learns the
 * difference from the `Date` of an answer and mints by the bank's time; the clock itself is left alone.
 */
export class KeyMinter {
  readonly #environment: Pick<Environment, 'wallClockMs' | 'randomBytes'>;
  #correctionMs = 0;

  constructor(environment: Pick<Environment, 'wallClockMs' | 'randomBytes'> = platform) {
    this.#environment = environment;
  }

  /** Milliseconds since 1970, corrected. */
  nowMs(): number {
    return Math.round(this.#environment.wallClockMs() + this.#correctionMs);
  }

  mint(): string {
    return uuidV7(this.nowMs(), this.#environment.randomBytes(16));
  }

  /** Takes the bank's time over, as an answer of just now told it. */
  correct(bankTimeMs: number): void {
    this.#correctionMs = bankTimeMs - this.#environment.wallClockMs();
  }
}

/** Lays out a UUIDv7 (RFC 9562, section 5.7): 48 bits of time, then random ones around the version and the variant. */
function uuidV7(timeMs: number, random: Uint8Array): string {
  const view = new DataView(random.buffer, random.byteOffset, random.byteLength);
  const high = (BigInt(timeMs) << 16n) | 0x7000n | (view.getBigUint64(0) & 0xfffn);
  const low = 0x8000000000000000n | (view.getBigUint64(8) & 0x3fffffffffffffffn);
  const digits = ((high << 64n) | low).toString(16).padStart(32, '0');
  return [0, 8, 12, 16, 20].map((from, part, starts) => digits.slice(from, starts[part + 1])).join('-');
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
