import type { Region } from './region.ts';
import type { Tables } from './tables.ts';
import type { VirtualTime } from './time.ts';

const MINUTE_MS = 60_000;

interface ScheduleParts {
  readonly tables: Tables;
  readonly time: VirtualTime;
  /** Where in each minute it sweeps. */
  readonly offsetMs: number;
  readonly onDefect: (error: unknown) => void;
}

/** Sweeps a Region once a minute. Minutes in which nothing is due by its clock are left out: the sweep would find nothing. */
export class Schedule {
  readonly #region: Region;
  readonly #parts: ScheduleParts;
  readonly #planned = new Set<number>();
  #isSweeping = false;

  constructor(region: Region, parts: ScheduleParts) {
    this.#region = region;
    this.#parts = parts;
  }

  /** Has it sweep in the first minute in which something is due. */
  wake(): void {
    const { tables, time, offsetMs } = this.#parts;
    const dueAtMs = tables.earliestDue();
    if (dueAtMs === undefined) {
      return;
    }
    const { nowMs } = time;
    const dueMs = nowMs + Math.max(1, dueAtMs - this.#region.clock());
    const atMs = Math.ceil((dueMs - offsetMs) / MINUTE_MS) * MINUTE_MS + offsetMs;
    if (!this.#planned.has(atMs)) {
      this.#planned.add(atMs);
      time.after(atMs - nowMs, () => {
        this.#planned.delete(atMs);
        void this.#sweep();
      });
    }
  }

  async #sweep(): Promise<void> {
    if (this.#isSweeping) {
      return;
    }
    this.#isSweeping = true;
    await this.#region.sweep().catch(this.#parts.onDefect);
    this.#isSweeping = false;
    this.wake();
  }
}
