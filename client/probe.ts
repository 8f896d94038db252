import { attempt } from './attempt.ts';
import type { EndpointChoice } from './endpoints.ts';
import type { KeyMinter } from './key.ts';
import type { ResolvedOptions } from './options.ts';
import { healthRequest } from './requests.ts';
import { limitAttempt } from './timers.ts';

/**
 * Asks the preferred endpoint, beside the calls that go elsewhere, whether a strong read works there; only then does a call
 * try it. A Region that merely accepts connections is not whole: cut off from its peers it would fail every write.
 */
export class PreferredProbe {
  readonly #options: ResolvedOptions;
  readonly #endpoints: EndpointChoice;
  readonly #clock: KeyMinter;
  readonly #signal: AbortSignal;

  constructor(options: ResolvedOptions, endpoints: EndpointChoice, clock: KeyMinter, signal: AbortSignal) {
    this.#options = options;
    this.#endpoints = endpoints;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Called before each call. Starts a probe when one is due; the call does not wait for it. */
  async probeIfDue(): Promise<void> {
    // As long as an attempt may take, so that probes never pile up.
    if (this.#endpoints.takeProbe(this.#options.attemptTimeoutMs) && (await this.#isWhole())) {
      this.#endpoints.allowTrial();
    }
  }

  async #isWhole(): Promise<boolean> {
    const { environment, attemptTimeoutMs } = this.#options;
    const { preferred } = this.#endpoints;
    const limit = limitAttempt(attemptTimeoutMs, environment, this.#signal);
    const { kind } = await attempt(healthRequest(), preferred, this.#options, {
      timeLeftMs: attemptTimeoutMs,
      nowMs: this.#clock.nowMs(),
      end: limit,
    });
    limit.release();
    return kind === 'answered';
  }
}
