import type { Chance } from '../chance.ts';
import type { VirtualTime } from './time.ts';

export const REGIONS = ['us-east-1', 'us-east-2'] as const;
export type RegionName = (typeof REGIONS)[number];

/** Kinds of faults, each with what it does while it lasts, and how often. */
export const FAULTS = {
  /** Connections are refused. */
  down: 1,
  /** Requests are taken and not worked on until it is over. */
  frozen: 1,
  /** The Region's replica is cut off: writes and strong reads fail with a 5xx, and nothing is lost. */
  cut_off: 1,
  /** Requests of clients get lost. */
  lose_requests: 0.4,
  /** Requests are worked on, and the answers get lost. */
  lose_replies: 0.4,
  /** Requests take up to a minute, past every timeout. */
  slow: 0.5,
  /** A request arrives once more, before its answer or up to half an hour after it. */
  duplicate: 0.4,
  /** A gateway answers in the function's place, before or after it has worked. */
  gateway: 0.4,
  /** The function dies before its write, or after it. */
  die_before_write: 0.3,
  die_after_write: 0.3,
  /** One of the tables fails, and the others work. */
  accounts_failing: 0.5,
  pages_failing: 0.7,
  idempotency_failing: 0.7,
  /** DynamoDB turns requests away. */
  throttle: 0.4,
  conflict: 0.4,
  /** Writes reach DynamoDB, and the answers get lost: the function does not know. */
  lose_write_replies: 0.4,
  /** A write is sent again because it was not answered, and the first one arrives up to an hour later. */
  late_write: 0.3,
} as const;

export type FaultKind = keyof typeof FAULTS;

/** One fault in one Region, for some time. */
interface Episode {
  readonly kind: FaultKind;
  readonly region: RegionName;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The faults of a run, and how often each has struck. */
export class Faults {
  readonly struck = new Map<FaultKind, number>();
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #episodes: Episode[] = [];
  #healed = false;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** Draws the faults of a period: some at once, in one Region or in both. */
  plan(durationMs: number): void {
    const fromMs = this.#time.nowMs;
    this.#episodes.splice(0);
    const count = this.#chance.whole(0, 14);
    for (let number = 0; number < count; number += 1) {
      const startMs = fromMs + this.#chance.next() * durationMs;
      const episode = {
        kind: this.#chance.pick(Object.keys(FAULTS) as [FaultKind, ...FaultKind[]]),
        fromMs: startMs,
        untilMs: startMs + this.#chance.spread(100, durationMs),
      };
      const regions = this.#chance.happens(0.4) ? REGIONS : [this.#chance.pick(REGIONS)];
      for (const region of regions) {
        this.#episodes.push({ ...episode, region });
      }
    }
  }

  /** Ends all faults for good. What is still on its way may arrive. */
  heal(): void {
    this.#healed = true;
  }

  /** True when a fault strikes here and now. */
  strikes(kind: FaultKind, region: RegionName): boolean {
    const strikes = this.#untilMs(kind, region) !== undefined && this.#chance.happens(FAULTS[kind]);
    if (strikes) {
      this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    }
    return strikes;
  }

  /** How long it will go on, in milliseconds. */
  leftMs(kind: FaultKind, region: RegionName): number {
    return Math.max(0, (this.#untilMs(kind, region) ?? 0) - this.#time.nowMs);
  }

  #untilMs(kind: FaultKind, region: RegionName): number | undefined {
    if (this.#healed) {
      return undefined;
    }
    const nowMs = this.#time.nowMs;
    return this.#episodes.find(
      (each) => each.kind === kind && each.region === region && each.fromMs <= nowMs && nowMs < each.untilMs,
    )?.untilMs;
  }
}
