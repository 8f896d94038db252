import type { Endpoint } from './failure.ts';
import type { ResolvedOptions } from './options.ts';

/** The order in which one round tries the endpoints. */
export interface Turn {
  readonly order: readonly [Endpoint, ...Endpoint[]];
  /** True when it tries the preferred endpoint while the other rounds still begin elsewhere. */
  readonly isTrial: boolean;
}

/** How far the way back to the preferred endpoint is. */
type WayBack =
  /** Rounds begin at the preferred endpoint, since then. */
  | { readonly kind: 'returned'; readonly sinceMs: number }
  /** It is left alone until then. */
  | { readonly kind: 'waiting'; readonly untilMs: number }
  /** It is healthy by its own word: the next round tries it. */
  | { readonly kind: 'trial_due' }
  /** One round tries it. */
  | { readonly kind: 'trying' };

/** The wait before a return doubles up to this many times the probe interval. */
const MAX_WAIT_INTERVALS = 16;

/**
 * Remembers which endpoint to use: the last one that worked (Dominic Williams' improvement of the tutorial's client).
 * Rounds share it, so that one call's failover spares all the others.
 *
 * The way back to the preferred endpoint is a circuit breaker's: one call at a time tries it, and only when it was answered
 * there do the others follow. Each failure doubles the wait before the next trial, and so does a return that did not last as
 * long as the wait before it. Otherwise a Region that answers reads and hangs at writes would be returned to again and again, and
 * each return would cost every call an attempt timeout.
 */
export class EndpointChoice {
  readonly #options: Pick<ResolvedOptions, 'endpoints' | 'onEvent' | 'probeIntervalMs' | 'environment'>;
  #current: Endpoint;
  #wayBack: WayBack = { kind: 'returned', sinceMs: Number.NEGATIVE_INFINITY };
  #waitMs: number;

  constructor(options: Pick<ResolvedOptions, 'endpoints' | 'onEvent' | 'probeIntervalMs' | 'environment'>) {
    this.#options = options;
    this.#current = options.endpoints[0];
    this.#waitMs = options.probeIntervalMs;
  }

  /** The endpoint that was named first. */
  get preferred(): Endpoint {
    return this.#options.endpoints[0];
  }

  /** The one at which rounds begin. */
  get current(): Endpoint {
    return this.#current;
  }

  /** Returns the order for a round; {@link learn} must be called at its end. */
  take(): Turn {
    const { endpoints } = this.#options;
    const start = endpoints.indexOf(this.#current);
    const order = [this.#current, ...endpoints.slice(start + 1), ...endpoints.slice(0, start)] as const;
    if (this.#wayBack.kind !== 'trial_due') {
      return { order, isTrial: false };
    }
    this.#wayBack = { kind: 'trying' };
    const others = order.filter((endpoint) => endpoint !== this.preferred);
    return { order: [this.preferred, ...others], isTrial: true };
  }

  /**
   * Learns which endpoint answered a round, if one did. A failover counts only if others have not changed the choice since: a
   * late answer would otherwise turn all calls back, and calls in flight to both Regions would change the choice without
   * end.
   */
  learn({ order, isTrial }: Turn, answeredBy: Endpoint | undefined): void {
    if (isTrial && this.#wayBack.kind === 'trying') {
      if (answeredBy === this.preferred) {
        this.#use(this.preferred);
      } else {
        this.#lengthenWait();
        this.#wayBack = { kind: 'waiting', untilMs: this.#nowMs() + this.#waitMs };
      }
    } else if (answeredBy !== undefined && order[0] === this.#current) {
      this.#use(answeredBy);
    }
  }

  /**
   * True when it is time to ask the preferred endpoint whether it is healthy; it is not said again before `pauseMs`, and the
   * wait, are over.
   */
  takeProbe(pauseMs: number): boolean {
    const nowMs = this.#nowMs();
    if (this.#wayBack.kind !== 'waiting' || nowMs < this.#wayBack.untilMs) {
      return false;
    }
    this.#wayBack = { kind: 'waiting', untilMs: nowMs + Math.max(this.#waitMs, pauseMs) };
    return true;
  }

  /** The preferred endpoint has said that it is healthy: the next round tries it. */
  allowTrial(): void {
    if (this.#wayBack.kind === 'waiting') {
      this.#wayBack = { kind: 'trial_due' };
    }
  }

  #use(endpoint: Endpoint): void {
    if (endpoint === this.#current) {
      return;
    }
    const nowMs = this.#nowMs();
    if (endpoint === this.preferred) {
      this.#wayBack = { kind: 'returned', sinceMs: nowMs };
    } else if (this.#wayBack.kind === 'returned') {
      if (nowMs - this.#wayBack.sinceMs < this.#waitMs) {
        this.#lengthenWait();
      } else {
        this.#waitMs = this.#options.probeIntervalMs;
      }
      this.#wayBack = { kind: 'waiting', untilMs: nowMs + this.#waitMs };
    }
    const from = this.#current;
    this.#current = endpoint;
    this.#options.onEvent({ type: 'endpoint_changed', from, to: endpoint });
  }

  #lengthenWait(): void {
    this.#waitMs = Math.min(2 * this.#waitMs, MAX_WAIT_INTERVALS * this.#options.probeIntervalMs);
  }

  #nowMs(): number {
    return this.#options.environment.elapsedMs();
  }
}
