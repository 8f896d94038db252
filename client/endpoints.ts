import type { Endpoint } from './endpoint.ts';
import type { BankEventListener } from './events.ts';

/**
 * Remembers which endpoint to use: the last one that worked (Dominic Williams' improvement of the tutorial's client).
 * Calls share it, so that one call's failover spares all the others.
 */
export class EndpointChoice {
  readonly #endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly #onEvent: BankEventListener;
  #current: Endpoint;

  constructor(endpoints: readonly [Endpoint, ...Endpoint[]], onEvent: BankEventListener) {
    this.#endpoints = endpoints;
    this.#onEvent = onEvent;
    this.#current = endpoints[0];
  }

  /** The endpoint that was named first. */
  get preferred(): Endpoint {
    return this.#endpoints[0];
  }

  get isPreferred(): boolean {
    return this.#current === this.preferred;
  }

  /** The one that is tried first. */
  get current(): Endpoint {
    return this.#current;
  }

  /** The endpoints in the order in which a round tries them. */
  order(): readonly Endpoint[] {
    const start = this.#endpoints.indexOf(this.#current);
    return [...this.#endpoints.slice(start), ...this.#endpoints.slice(0, start)];
  }

  /**
   * A call was led from one endpoint to another. It counts only if others have not changed the choice since: a late answer
   * would otherwise turn everybody back, and calls in flight to both Regions would turn the choice to and fro for ever.
   */
  moveOn(from: Endpoint, to: Endpoint): void {
    if (from === this.#current) {
      this.use(to);
    }
  }

  /** From now on this one is tried first. */
  use(endpoint: Endpoint): void {
    if (endpoint !== this.#current) {
      const from = this.#current;
      this.#current = endpoint;
      this.#onEvent({ type: 'endpoint_changed', from, to: endpoint });
    }
  }
}
