import type { Endpoint } from './failure.ts';
import type { ResolvedOptions } from './options.ts';

/** The order in which one round tries the endpoints. */
export interface Route {
  readonly order: readonly [Endpoint, ...Endpoint[]];
  /** True if it tries the preferred endpoint while other rounds still begin at another one. */
  readonly isTrial: boolean;
}

/** The way back to the preferred endpoint. */
type WayBack =
  /** Rounds have begun at the preferred endpoint since then. */
  | { readonly kind: 'returned'; readonly sinceMs: number }
  /** Nothing is sent to it until then. */
  | { readonly kind: 'waiting'; readonly untilMs: number }
  /** It has said that it is healthy: the next round tries it. */
  | { readonly kind: 'trial_due' }
  /** One round is trying it. */
  | { readonly kind: 'trying' };

/** The wait before a return doubles up to this many times the probe interval. */
const MAX_WAIT_INTERVALS = 16;

/**
 * Remembers which endpoint to use: the last one that worked (Dominic Williams' improvement of the tutorial's client). All rounds share it,
 * so after the failover of one call the others begin at the endpoint that works.
 *
 * The way back to the preferred endpoint works like a circuit breaker: one call at a time tries it, and the others follow if that call was
 * answered. Each trial that fails doubles the wait before the next one. So does a return that was shorter than the wait before it:
 * otherwise calls would return again and again to a Region that answers reads but hangs on writes, and each return would cost every call
 * an attempt timeout.
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

  /** The first endpoint of the options. */
  get preferred(): Endpoint {
    return this.#options.endpoints[0];
  }

  /** The endpoint at which rounds begin. */
  get current(): Endpoint {
    return this.#current;
  }

  /** Returns the order for a round. Call {@link learn} at its end. */
  take(): Route {
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
   * Learns which endpoint answered a round, if one did, and whether the call was aborted. A failover counts only if the choice is still
   * the one with which the round began. Otherwise a late answer would switch all calls back.
   */
  learn({ order, isTrial }: Route, answeredBy: Endpoint | undefined, isAborted: boolean): void {
    if (isTrial && this.#wayBack.kind === 'trying') {
      if (answeredBy === this.preferred) {
        this.#use(this.preferred);
      } else if (answeredBy === undefined && isAborted) {
        // The caller gave up, which says nothing about the endpoint.
        this.#wayBack = { kind: 'trial_due' };
      } else {
        this.#lengthenWait();
        this.#wayBack = { kind: 'waiting', untilMs: this.#nowMs() + this.#waitMs };
      }
    } else if (answeredBy !== undefined && order[0] === this.#current) {
      this.#use(answeredBy);
    }
  }

  /**
   * True if it is time to check the health of the preferred endpoint. Then it returns false until the wait is over, and `pauseMs` at
   * least.
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
