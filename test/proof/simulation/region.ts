import type { BankParts } from '../../../functions/bank/attempt.ts';
import { createBank } from '../../../functions/bank/bank.ts';
import { sweep } from '../../../functions/bank/sweep.ts';
import { StoreUnavailableError } from '../../../functions/bank/unavailable.ts';
import { createHandler } from '../../../functions/http/handler.ts';
import { fromResult, type HttpAnswer, type HttpRequest, toEvent } from '../../../functions/memory/gateway.ts';
import { FUNCTION_TIMEOUT_MS, SWEEP_TIMEOUT_MS } from '../../../infra/configuration.ts';
import type { Chance } from '../chance.ts';
import type { Faults, RegionName } from './faults.ts';
import type { Rollout } from './rollout.ts';
import { simulatedStore } from './store.ts';
import type { Tables } from './tables.ts';
import type { VirtualTime } from './time.ts';

const MINUTE_MS = 60_000;

interface RegionOptions {
  readonly name: RegionName;
  readonly tables: Tables;
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly chance: Chance;
  /** The right time, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** What this Region's clock is off by, in milliseconds. */
  readonly clockErrorMs: number;
  readonly rollout: Rollout;
}

/** A Region: the local gateway before the real handler and the real core, on the simulated tables. */
export class Region {
  readonly name: RegionName;
  readonly #parts: RegionOptions;
  #requests = 0;

  constructor(parts: RegionOptions) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** What the clock of this Region says, in milliseconds since 1970. */
  clock(): number {
    const { nowMs, clockErrorMs } = this.#parts;
    return nowMs() + clockErrorMs;
  }

  /** Works on a request in a run of the function of its own. Resolves with null when that dies. */
  async handle(request: HttpRequest): Promise<HttpAnswer | null> {
    const { name: region, time } = this.#parts;
    this.#requests += 1;
    const requestId = String(this.#requests);
    const startedMs = time.nowMs;
    const context = {
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => FUNCTION_TIMEOUT_MS - (time.nowMs - startedMs),
    };
    const result = await this.#mortal((parts) => {
      const handler = createHandler({
        bank: createBank(parts),
        region,
        log: () => {},
        elapsedMs: () => time.nowMs,
        nowMs: parts.nowMs,
        abortAfter: (timeMs) => abortAfter(timeMs, time),
      });
      return handler(toEvent(request, requestId, this.clock()), context);
    });
    return result === null ? null : fromResult(result, requestId);
  }

  /** Does what is due, as the scheduled function does. Resolves when that has ended, failed or died; throws an unexpected error. */
  async sweep(): Promise<void> {
    const expected = (error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) {
        throw error;
      }
    };
    const unexpected: unknown[] = [];
    const onError = (_account: string, error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) {
        unexpected.push(error);
      }
    };
    const signal = abortAfter(SWEEP_TIMEOUT_MS, this.#parts.time);
    await this.#mortal((parts) => sweep(parts, signal, onError)).catch(expected);
    if (unexpected.length > 0) {
      throw unexpected[0];
    }
  }

  /** One run of a function; null when it dies. */
  #mortal<T>(work: (parts: BankParts) => Promise<T>): Promise<T | null> {
    const { name: region, rollout } = this.#parts;
    let die = () => {};
    const death = new Promise<null>((resolve) => {
      die = () => resolve(null);
    });
    const parts = {
      store: rollout.storeFor(region, simulatedStore({ ...this.#parts, region, die })),
      nowMs: () => this.clock(),
      keysNotBeforeMs: 0,
    };
    return Promise.race([work(parts), death]);
  }
}

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

function abortAfter(timeMs: number, time: VirtualTime): AbortSignal {
  const controller = new AbortController();
  time.after(timeMs, () => controller.abort());
  return controller.signal;
}
