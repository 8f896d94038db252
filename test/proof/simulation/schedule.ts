import type { Region } from './region.ts';
import type { Tables } from './tables.ts';
import type { VirtualTime } from './time.ts';

const MINUTE_MS = 60_000;

/** Sweeps a Region once a minute. Minutes in which nothing is due by its clock are left out: the sweep would find nothing. */
export class Schedule {
  readonly #region: Region;
  readonly #tables: Tables;
  readonly #time: VirtualTime;
  /** Where in each minute it sweeps. */
  readonly #offsetMs: number;
  readonly #onDefect: (error: unknown) => void;
  readonly #planned = new Set<number>();
  #isSweeping = false;

  constructor(
    region: Region,
    parts: {
      readonly tables: Tables;
      readonly time: VirtualTime;
      readonly offsetMs: number;
      readonly onDefect: (error: unknown) => void;
    },
  ) {
    this.#region = region;
    this.#tables = parts.tables;
    this.#time = parts.time;
    this.#offsetMs = parts.offsetMs;
    this.#onDefect = parts.onDefect;
  }

  /** Has it sweep in the first minute in which something is due. */
  wake(): void {
    const dueAtMs = this.#tables.earliestDue();
    if (dueAtMs === undefined) {
      return;
    }
    const { nowMs } = this.#time;
    const dueMs = nowMs + Math.max(1, dueAtMs - this.#region.clock());
    const atMs = Math.ceil((dueMs - this.#offsetMs) / MINUTE_MS) * MINUTE_MS + this.#offsetMs;
    if (!this.#planned.has(atMs)) {
      this.#planned.add(atMs);
      this.#time.after(atMs - nowMs, () => {
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
    await this.#region.sweep().catch(this.#onDefect);
    this.#isSweeping = false;
    this.wake();
  }
}
