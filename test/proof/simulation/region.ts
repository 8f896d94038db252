import { createBank } from '../../../functions/bank/bank.ts';
import { createHandler } from '../../../functions/http/handler.ts';
import { FUNCTION_TIMEOUT_MS } from '../../../infra/configuration.ts';
import { fromResult, type HttpAnswer, type HttpRequest, toEvent } from '../../../infra/local/gateway.ts';
import type { Chance } from './chance.ts';
import type { Faults, RegionName } from './faults.ts';
import type { Rollout } from './rollout.ts';
import { simulatedStore } from './store.ts';
import type { Tables } from './table.ts';
import type { VirtualTime } from './time.ts';

export interface RegionParts {
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
  readonly #parts: RegionParts;
  #requests = 0;

  constructor(parts: RegionParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** Works on a request in a run of the function of its own. Resolves with null when that dies. */
  async handle(request: HttpRequest): Promise<HttpAnswer | null> {
    const { name: region, time, nowMs, clockErrorMs, rollout } = this.#parts;
    this.#requests += 1;
    const requestId = String(this.#requests);
    const startedMs = time.nowMs;
    const clock = () => nowMs() + clockErrorMs;
    const context = {
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => FUNCTION_TIMEOUT_MS - (time.nowMs - startedMs),
    };
    let die = () => {};
    const death = new Promise<null>((resolve) => {
      die = () => resolve(null);
    });
    const handler = createHandler({
      bank: createBank({
        store: rollout.storeFor(region, simulatedStore({ ...this.#parts, region, die })),
        nowMs: clock,
        keysNotBeforeMs: 0,
      }),
      region,
      log: () => {},
      elapsedMs: () => time.nowMs,
      nowMs: clock,
      abortAfter: (timeMs) => abortAfter(timeMs, time),
    });
    const result = await Promise.race([handler(toEvent(request, requestId, clock()), context), death]);
    return result === null ? null : fromResult(result, requestId);
  }
}

function abortAfter(timeMs: number, time: VirtualTime): AbortSignal {
  const controller = new AbortController();
  time.after(timeMs, () => controller.abort());
  return controller.signal;
}
