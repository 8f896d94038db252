import type { BankEvent } from '../events.ts';

/** A Region that is lost, or that answers again, in words. */
export interface RegionChange {
  readonly isLost: boolean;
  readonly words: string;
}

/** Which Regions do not answer, as all clients of a run together see it: one attempt of one client that failed is no loss. */
export class LostRegions {
  /** Why the latest attempt at an endpoint failed; an answer of the endpoint to any client removes it. */
  readonly #failures = new Map<string, string>();
  readonly #lost = new Set<string>();

  get lost(): readonly string[] {
    return [...this.#lost];
  }

  hear(event: BankEvent): void {
    if (event.type === 'attempt_answered') {
      this.#failures.delete(event.endpoint.name);
    } else if (
      event.type === 'attempt_failed' &&
      event.reason !== 'abandoned' &&
      event.reason !== 'aborted'
    ) {
      this.#failures.set(event.endpoint.name, event.reason.replaceAll('_', ' '));
    }
  }

  /** What has changed since the last look. */
  look(): readonly RegionChange[] {
    const lost = [...this.#failures].filter(([name]) => !this.#lost.has(name));
    const back = [...this.#lost].filter((name) => !this.#failures.has(name));
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
