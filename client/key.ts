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
  const bytes = Uint8Array.from(random);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, timeMs / 2 ** 32);
  view.setUint32(2, timeMs);
  view.setUint16(6, 0x7000 | (view.getUint16(6) & 0x0fff));
  view.setUint16(8, 0x8000 | (view.getUint16(8) & 0x3fff));
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * Mints one key, to be stored next to the order before the call is made: a UUIDv7 (RFC 9562) with the time of this machine's
 * clock and 74 random bits. The bank takes it for 30 days, and refuses it with `key_in_future` when the clock is more than
 * 5 minutes ahead. Throws nothing, and sends nothing.
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
