import { BankClient } from '../../client/client.ts';
import type { Environment } from '../../client/environment.ts';
import type { BankEvent } from '../../client/events.ts';
import type { BankClientOptions } from '../../client/options.ts';
import { sleep } from '../../client/timers.ts';
import { ask } from './ask.ts';
import type { Books, Phase, Request } from './books.ts';
import type { Traffic } from './traffic.ts';

/** What a caller needs. */
export interface CallerParts {
  readonly number: number;
  readonly options: BankClientOptions;
  /** Region that the client prefers. */
  readonly region: string;
  readonly next: () => Request;
  /** Time between the beginnings of two calls. */
  readonly intervalMs: number;
  readonly chance: () => number;
  readonly books: Books;
  readonly traffic: Traffic;
  readonly phase: () => Phase;
  readonly environment: Environment;
}

/** One client, which calls again and again, one call at a time, and enters each in the books before it sends it. */
export class Caller {
  readonly #parts: CallerParts;
  readonly #client: BankClient;
  /** Endpoints that failed the call that is under way, and the one that answered it. */
  #failed: string[] = [];
  #answered: string | undefined;

  constructor(parts: CallerParts) {
    this.#parts = parts;
    this.#client = new BankClient({ ...parts.options, onEvent: (event) => this.#watch(event) });
  }

  /** Calls until the signal is aborted. A call that is under way by then is waited for: its client gives it up in time. */
  async run(signal: AbortSignal): Promise<void> {
    const { environment, intervalMs, chance } = this.#parts;
    try {
      // Else all clients would call at the same moments.
      await sleep(chance() * intervalMs, environment, signal);
      while (!signal.aborted) {
        const startedMs = environment.elapsedMs();
        await this.#call();
        const restMs = intervalMs - (environment.elapsedMs() - startedMs);
        if (restMs > 0) await sleep(restMs, environment, signal);
      }
    } finally {
      await this.#client.close();
    }
  }

  async #call(): Promise<void> {
    const { next, books, phase, environment } = this.#parts;
    const request = next();
    const number = books.open(request, phase());
    this.#failed = [];
    this.#answered = undefined;
    const startedMs = environment.elapsedMs();
    const answer = await ask(this.#client, request);
    const answered = this.#answered;
    const failedOver = answered !== undefined && this.#failed.some((url) => url !== answered);
    const durationMs = environment.elapsedMs() - startedMs;
    books.close(number, { ...answer, failedOver, durationMs }, phase());
  }

  #watch(event: BankEvent): void {
    const { number, region, traffic } = this.#parts;
    switch (event.type) {
      case 'attempt_failed':
        this.#failed.push(event.endpoint.url);
        break;
      case 'attempt_answered':
        this.#answered = event.endpoint.url;
        break;
      case 'endpoint_changed':
        if (event.to.region === region) traffic.comeBack(number);
        else traffic.leave(number);
        break;
      case 'key':
      case 'attempt_started':
      case 'waiting':
        break;
    }
  }
}
