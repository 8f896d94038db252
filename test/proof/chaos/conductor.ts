import type { ChaosBank } from './bank.ts';
import type { Occurrence } from './board.ts';
import type { ClientHost } from './client-host.ts';
import { ChaosError } from './errors.ts';
import { kindOf } from './kinds.ts';
import type { ChaosPlan, PlannedFault } from './plan.ts';

interface ConductorOptions {
  readonly plan: ChaosPlan;
  readonly bank: ChaosBank;
  readonly clients: readonly ClientHost[];
  /** Counts from the beginning of the load. */
  readonly nowMs: () => number;
  /** Called when the run cannot continue. */
  readonly onBroken: (error: ChaosError) => void;
}

/** Has everything go wrong when its time has come, and be right again. */
export class Conductor {
  readonly #parts: ConductorOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #current = new Map<Occurrence, () => Promise<void>>();
  readonly #work = new Set<Promise<void>>();
  /** What went wrong so far, in the order in which it began. */
  readonly occurrences: Occurrence[] = [];

  constructor(parts: ConductorOptions) {
    this.#parts = parts;
  }

  /** Begins to count. */
  start(): void {
    const { plan } = this.#parts;
    for (const fault of plan.faults) {
      this.#at(fault.atMs, () => this.#begin(fault));
    }
  }

  /** Faults that last at this moment. */
  get current(): readonly Occurrence[] {
    return [...this.#current.keys()];
  }

  /** A client could not connect to a Region. */
  noticeRefused(regionName: string): void {
    this.#parts.bank.regions.find(({ name }) => name === regionName)?.noticeRefused();
  }

  /** Lets nothing go wrong any more, and waits until everything is whole again. */
  async heal(): Promise<void> {
    this.stop();
    // What has just begun is waited for, so that it can be ended.
    await Promise.all([...this.#current.keys()].map((occurrence) => this.#end(occurrence)));
    while (this.#work.size > 0) {
      await Promise.all(this.#work);
    }
  }

  /** Begins and ends nothing any more. */
  stop(): void {
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    this.#timers.clear();
  }

  #at(atMs: number, work: () => Promise<void>): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#track(work());
      },
      Math.max(0, atMs - this.#parts.nowMs()),
    );
    this.#timers.add(timer);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause);
        this.#parts.onBroken(new ChaosError('unexpected', message, { cause }));
      })
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  async #begin(planned: PlannedFault): Promise<void> {
    const { bank, clients, nowMs } = this.#parts;
    const occurrence: Occurrence = { planned, beganMs: nowMs(), endedMs: undefined, hits: 0 };
    this.occurrences.push(occurrence);
    const isClient = kindOf(planned.kind).place === 'client';
    const region = isClient ? undefined : bank.regions[planned.target];
    const client = isClient ? clients[planned.target] : undefined;
    this.#current.set(occurrence, async () => {
      await region?.end(occurrence);
      await client?.start();
    });
    if (client !== undefined) {
      occurrence.hits += client.inFlight;
      await client.kill();
    }
    await region?.begin(occurrence);
    if (this.#current.has(occurrence)) {
      this.#at(occurrence.beganMs + planned.forMs, () => this.#end(occurrence));
    }
  }

  async #end(occurrence: Occurrence): Promise<void> {
    const mend = this.#current.get(occurrence);
    if (mend === undefined) {
      return;
    }
    this.#current.delete(occurrence);
    await mend();
    occurrence.endedMs = this.#parts.nowMs();
  }
}
