import type { BankEvent } from '../events.ts';
import type { FailureReason } from '../failure.ts';

/** A Region was lost, or answers again. */
export interface RegionChange {
  readonly isLost: boolean;
  readonly words: string;
}

/** Failures that do not show that a Region is lost: it answered, nothing was sent to it, or its answer was not awaited. */
const NO_LOSS: ReadonlySet<FailureReason> = new Set([
  'unavailable',
  'queued',
  'cannot_sign',
  'abandoned',
  'aborted',
]);

/** The Regions that answer none of the clients of a run. */
export class LostRegions {
  /** Why the latest attempt at an endpoint failed, unless the endpoint has answered a client since. */
  readonly #failures = new Map<string, string>();
  /** Endpoints that have answered since the last look. */
  readonly #answered = new Set<string>();
  readonly #lost = new Set<string>();

  get lost(): readonly string[] {
    return [...this.#lost];
  }

  learn(event: BankEvent): void {
    if (event.type === 'attempt_answered') {
      this.#failures.delete(event.endpoint.name);
      this.#answered.add(event.endpoint.name);
    } else if (event.type === 'attempt_failed' && !NO_LOSS.has(event.reason)) {
      this.#failures.set(event.endpoint.name, event.reason.replaceAll('_', ' '));
    }
  }

  /** Returns what has changed since the last look. */
  look(): readonly RegionChange[] {
    const lost = [...this.#failures].filter(([name]) => !this.#lost.has(name) && !this.#answered.has(name));
    const back = [...this.#lost].filter((name) => this.#answered.has(name));
    this.#answered.clear();
    for (const [name] of lost) {
      this.#lost.add(name);
    }
    for (const name of back) {
      this.#lost.delete(name);
    }
    return [
      ...lost.map(([name, reason]) => ({ isLost: true, words: `${name} is lost: ${reason}` })),
      ...back.map((name) => ({ isLost: false, words: `${name} answers again` })),
    ];
  }
}
