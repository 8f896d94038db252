import { attempt } from './attempt.ts';
import type { EndpointChoice } from './endpoints.ts';
import type { KeyMinter } from './key.ts';
import type { ResolvedOptions } from './options.ts';
import { healthRequest } from './requests.ts';
import { limitAttempt } from './timers.ts';

/**
 * Checks whether a strongly consistent read works at the preferred endpoint, while calls go to another one. Only then a call tries it. It is
 * not enough that a Region accepts connections: if it is cut off from the other Regions, every write fails there.
 */
export class PreferredProbe {
  readonly #options: ResolvedOptions;
  readonly #endpoints: EndpointChoice;
  readonly #minter: KeyMinter;
  readonly #signal: AbortSignal;

  constructor(options: ResolvedOptions, endpoints: EndpointChoice, minter: KeyMinter, signal: AbortSignal) {
    this.#options = options;
    this.#endpoints = endpoints;
    this.#minter = minter;
    this.#signal = signal;
  }

  /** Starts a probe if one is due. It is called before each call, which does not wait for it. */
  async probeIfDue(): Promise<void> {
    // The pause is the longest time of an attempt, so that two probes never run at the same time.
    if (this.#endpoints.takeProbe(this.#options.attemptTimeoutMs) && (await this.#isHealthy())) {
      this.#endpoints.allowTrial();
    }
  }

  async #isHealthy(): Promise<boolean> {
    const { environment, attemptTimeoutMs } = this.#options;
    const { preferred } = this.#endpoints;
    const limit = limitAttempt(attemptTimeoutMs, environment, this.#signal);
    const { kind } = await attempt(healthRequest(), preferred, this.#options, {
      timeLeftMs: attemptTimeoutMs,
      nowMs: this.#minter.nowMs(),
      end: limit,
    });
    limit.release();
    return kind === 'answered';
  }
}
