import { type KindName, kindOf, type Place } from './kinds.ts';
import type { PlannedFault } from './plan.ts';

/** A fault that has begun. Times are milliseconds since the beginning of the load. */
export interface Occurrence {
  readonly planned: PlannedFault;
  readonly beganMs: number;
  /** Undefined while it lasts. */
  endedMs: number | undefined;
  /** Requests that it did something to. */
  hits: number;
}

/** What is wrong in one place of one Region at this moment. */
export class FaultBoard {
  readonly #chance: () => number;
  readonly #current = new Set<Occurrence>();

  constructor(chance: () => number) {
    this.#chance = chance;
  }

  begin(occurrence: Occurrence): void {
    this.#current.add(occurrence);
  }

  end(occurrence: Occurrence): void {
    this.#current.delete(occurrence);
  }

  /** Chooses what happens to a request: the first fault that lasts, that can happen to it, and that hits it. */
  strike(place: Place, canHappen: (kind: KindName) => boolean = () => true): KindName | undefined {
    for (const occurrence of this.#current) {
      const { kind } = occurrence.planned;
      if (kindOf(kind).place !== place || !canHappen(kind) || this.#chance() >= kindOf(kind).share) {
        continue;
      }
      occurrence.hits += 1;
      return kind;
    }
    return undefined;
  }

  /** Counts requests that a fault of the process did something to. */
  count(kind: KindName, requests = 1): void {
    for (const occurrence of this.#current) {
      if (occurrence.planned.kind === kind) {
        occurrence.hits += requests;
      }
    }
  }

  /** A time between two, by chance. */
  timeMs(leastMs: number, mostMs: number): number {
    return Math.round(leastMs + this.#chance() * (mostMs - leastMs));
  }

  /** True with a probability of a half. */
  coin(): boolean {
    return this.#chance() < 0.5;
  }
}
