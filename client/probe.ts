import { attempt } from './attempt.ts';
import type { EndpointChoice } from './endpoints.ts';
import type { KeyMinter } from './key.ts';
import type { ResolvedOptions } from './options.ts';
import { limitAttempt } from './timers.ts';
import { pathOf } from './wire.ts';

/**
 * Finds the way back to the preferred endpoint. While calls go elsewhere, it asks the preferred one beside them, every
 * so often, whether a strong read works there; only then do calls return. A Region that merely accepts connections is
 * not whole: cut off from its peers it would fail every write.
 */
export class PreferredProbe {
  readonly #options: ResolvedOptions;
  readonly #endpoints: EndpointChoice;
  readonly #clock: KeyMinter;
  readonly #signal: AbortSignal;
  #nextProbeMs: number | undefined;

  constructor(options: ResolvedOptions, endpoints: EndpointChoice, clock: KeyMinter, signal: AbortSignal) {
    this.#options = options;
    this.#endpoints = endpoints;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Called before each call. Starts a probe when one is due; the call does not wait for it. */
  async probeIfDue(): Promise<void> {
    const { environment, probeIntervalMs } = this.#options;
    if (this.#endpoints.isPreferred) {
      this.#nextProbeMs = undefined;
      return;
    }
    const nowMs = environment.elapsedMs();
    this.#nextProbeMs ??= nowMs + probeIntervalMs;
    if (nowMs < this.#nextProbeMs) {
      return;
    }
    // Counted from the start, and longer than the attempt may take, so that probes never pile up.
    this.#nextProbeMs = nowMs + Math.max(probeIntervalMs, this.#options.attemptTimeoutMs);
    if (await this.#isWhole()) {
      this.#endpoints.use(this.#endpoints.preferred);
    }
  }

  async #isWhole(): Promise<boolean> {
    const { environment, attemptTimeoutMs } = this.#options;
    const { preferred } = this.#endpoints;
    const limit = limitAttempt(attemptTimeoutMs, environment, this.#signal);
    const request = {
      method: 'GET' as const,
      path: pathOf('health'),
      headers: {},
      body: undefined,
      parse: () => undefined,
    };
    const { kind } = await attempt(request, preferred, this.#options, {
      timeLeftMs: attemptTimeoutMs,
      nowMs: this.#clock.nowMs(),
      end: limit,
    });
    limit.release();
    return kind === 'answered';
  }
}
