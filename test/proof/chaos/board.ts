import type { Chance } from '../chance.ts';
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
  readonly chance: Chance;
  readonly #current = new Set<Occurrence>();

  constructor(chance: Chance) {
    this.chance = chance;
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
      if (kindOf(kind).place === place && canHappen(kind) && this.chance.happens(kindOf(kind).share)) {
        occurrence.hits += 1;
        return kind;
      }
    }
    return undefined;
  }

  /** Counts a request that reaches a frozen Region. */
  countFrozen(): void {
    for (const occurrence of this.#current) {
      occurrence.hits += occurrence.planned.kind === 'freeze' ? 1 : 0;
    }
  }
}
