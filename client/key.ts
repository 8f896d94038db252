import { v7 } from 'uuid';
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
    return v7({ msecs: this.nowMs(), random: this.#environment.randomBytes(16) });
  }

  /** Takes the bank's time over, as an answer of just now told it. */
  correct(bankTimeMs: number): void {
    this.#correctionMs = bankTimeMs - this.#environment.wallClockMs();
  }
}

/**
 * Mints one key, to be stored next to the order before the call is made.
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
