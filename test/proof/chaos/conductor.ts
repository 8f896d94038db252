import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../chance.ts';
import { type ChaosPlan, type KindName, kindOf, type Place, type PlannedFault } from './plan.ts';

/** A fault that has begun. Times are milliseconds since the beginning of the load. */
export interface Occurrence {
  readonly planned: PlannedFault;
  readonly beganMs: number;
  /** Undefined while it lasts. */
  endedMs: number | undefined;
  /** Requests that it has hit. */
  hits: number;
}

/** The present faults of one Region. */
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

  /** Chooses the fault of a request: the first one at its place that can happen to it and that hits it by chance. */
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

/** A Region or a client process. */
interface Target {
  begin(occurrence: Occurrence): Promise<void>;
  end(occurrence: Occurrence): Promise<void>;
}

interface ConductorOptions {
  readonly plan: ChaosPlan;
  readonly regions: readonly Target[];
  readonly clients: readonly Target[];
  /** Counts from the beginning of the load. */
  readonly nowMs: () => number;
  /** When it is aborted, all faults end, and no other begins. */
  readonly signal: AbortSignal;
  /** Called when a fault begins. */
  readonly onBegin: (occurrence: Occurrence) => void;
}

/** Begins and ends each fault of a plan at its time. Resolves when every fault has ended. */
export async function conduct(parts: ConductorOptions): Promise<void> {
  const { plan, regions, clients, nowMs, signal, onBegin } = parts;
  // Every fault of the plan listens to it.
  setMaxListeners(0, signal);
  const until = (atMs: number) =>
    sleep(Math.max(0, atMs - nowMs()), undefined, { signal }).catch(() => undefined);
  await Promise.all(
    plan.faults.map(async (planned) => {
      await until(planned.atMs);
      if (signal.aborted) {
        return;
      }
      const occurrence: Occurrence = { planned, beganMs: nowMs(), endedMs: undefined, hits: 0 };
      onBegin(occurrence);
      const targets = kindOf(planned.kind).place === 'client' ? clients : regions;
      const target = targets[planned.target];
      await target?.begin(occurrence);
      await until(occurrence.beganMs + planned.forMs);
      await target?.end(occurrence);
      occurrence.endedMs = nowMs();
    }),
  );
}
