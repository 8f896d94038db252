import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Occurrence } from './board.ts';
import { kindOf } from './kinds.ts';
import type { ChaosPlan } from './plan.ts';

/** A Region or a client process, which a fault can hit. */
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
  /** When it is aborted, no fault begins any more, and those under way end. */
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
