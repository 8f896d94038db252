import type { EndpointChoice, Route } from './endpoints.ts';
import type { Endpoint } from './failure.ts';
import { onAbort } from './follow.ts';
import type { ResolvedOptions } from './options.ts';

/** Ends the wait of a round: it begins on the route, or gives up without one. */
type EndWait = (route?: Route) => void;

/** How long a round may wait, and in which queue. */
export interface GateLimits {
  readonly timeLeftMs: number;
  readonly signal: AbortSignal;
  /** True when the call has been sent before. It goes first, because it is older and its outcome may be unknown. */
  readonly isRetry: boolean;
}

/**
 * Limits the rounds that are under way at each endpoint. The others wait, in the order in which they came. Without this
 * limit, a burst of calls would queue in the runtime and in the Region while the time of their attempts runs. They would all time out,
 * and each of them would be sent once more.
 *
 * A round counts against the endpoint at which it began, until it has ended. So when a Region stops answering and its limit is reached, no
 * further round begins there; and after the first failover that is answered, rounds begin at the other Region, however many still hang at
 * the first. Failovers and hedges belong to a round that has begun, and never wait here: rounds cannot wait for each other.
 *
 * A call leaves the queue at its deadline. If it had not been sent before, it was certainly not executed.
 */
export class Gate {
  readonly #endpoints: EndpointChoice;
  readonly #options: Pick<ResolvedOptions, 'maxInFlight' | 'environment'>;
  readonly #underWay = new Map<Endpoint, number>();
  readonly #retries = new Set<EndWait>();
  readonly #firsts = new Set<EndWait>();

  constructor(endpoints: EndpointChoice, options: Pick<ResolvedOptions, 'maxInFlight' | 'environment'>) {
    this.#endpoints = endpoints;
    this.#options = options;
  }

  /** Where the next round begins. */
  get endpoint(): Endpoint {
    return this.#endpoints.current;
  }

  /** Begins a round and returns its route, or returns undefined if the round has to wait. */
  enter(): Route | undefined {
    return this.#hasRoom() ? this.#begin() : undefined;
  }

  /** Waits until a round can begin. Resolves with its route, or with undefined if its time is up, or its signal aborted, before that. */
  wait({ timeLeftMs, signal, isRetry }: GateLimits): Promise<Route | undefined> {
    const queue = isRetry ? this.#retries : this.#firsts;
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(undefined);
        return;
      }
      const endWait: EndWait = (route) => {
        queue.delete(endWait);
        cancel();
        release();
        resolve(route);
      };
      queue.add(endWait);
      const cancel = this.#options.environment.setTimer(() => endWait(), Math.max(0, timeLeftMs));
      const release = onAbort(signal, () => endWait());
    });
  }

  /**
   * Ends a round. `answeredBy` is the endpoint that answered it, if one did; `isAborted` is true if its call was aborted. Waiting rounds
   * begin only here, because only here the choice of the endpoint changes.
   */
  leave(route: Route, answeredBy: Endpoint | undefined, isAborted: boolean): void {
    this.#endpoints.learn(route, answeredBy, isAborted);
    this.#count(route, -1);
    while (this.#hasRoom()) {
      const [next] = this.#retries.size > 0 ? this.#retries : this.#firsts;
      if (next === undefined) {
        return;
      }
      next(this.#begin());
    }
  }

  #hasRoom(): boolean {
    return (this.#underWay.get(this.endpoint) ?? 0) < this.#options.maxInFlight;
  }

  #begin(): Route {
    const route = this.#endpoints.take();
    this.#count(route, 1);
    return route;
  }

  #count({ order: [first] }: Route, change: 1 | -1): void {
    this.#underWay.set(first, (this.#underWay.get(first) ?? 0) + change);
  }
}
