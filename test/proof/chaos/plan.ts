import { Chance } from '../chance.ts';

/** Where a fault is: in a Region's process, between its clients and it, between it and the table, or in a client process. */
export type Place = 'process' | 'network' | 'table' | 'client';

/** A kind of fault. */
interface Kind {
  readonly place: Place;
  /** Share of the requests that it hits while it lasts, from 0 to 1. */
  readonly share: number;
  readonly description: string;
}

const KINDS = {
  kill: kind('process', 1, 'a Region is killed and started again'),
  kill_transfer: kind('process', 1, 'a Region is killed between two writes of a transfer or refund'),
  freeze: kind('process', 1, 'a Region is frozen and thawed'),
  cut: kind('process', 1, 'all connections of a Region are reset, again and again'),
  drop_reply: kind('network', 0.4, 'a request is delivered and its reply is lost'),
  delay_reply: kind('network', 0.5, 'a reply comes late, or too late'),
  reset_request: kind('network', 0.4, 'the connection is reset before the request is delivered'),
  hang: kind('network', 0.3, 'no answer; the request is delivered at once, or much later'),
  gateway_error: kind('network', 0.5, 'a gateway answers 500 with a page, with or without delivering'),
  duplicate: kind('network', 0.6, 'a request is delivered twice, the second time up to seconds later'),
  table_drop_reply: kind('table', 0.4, 'DynamoDB does what it is asked, and its reply is lost'),
  table_delay: kind('table', 0.5, 'a request reaches DynamoDB late, or when its sender has stopped waiting'),
  table_reset: kind('table', 0.4, 'the connection is reset before DynamoDB has the request'),
  table_hang: kind('table', 0.3, 'DynamoDB does not answer, whether or not it has the request'),
  table_cut_off: kind('table', 1, 'DynamoDB answers writes and strong reads with 500'),
  table_conflict: kind('table', 0.6, 'DynamoDB answers writes with ReplicatedWriteConflictException'),
  table_throttle: kind('table', 0.6, 'DynamoDB answers with ThrottlingException'),
  table_duplicate: kind('table', 0.6, 'DynamoDB is given a write twice, the second time up to seconds later'),
  client_kill: kind('client', 1, 'a client process is killed and started again'),
};

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as KindName[];

export function kindOf(name: KindName): Kind {
  return KINDS[name];
}

/** Its name as people read it. */
export function titleOf(name: KindName): string {
  return name.replaceAll('_', ' ');
}

function kind(place: Place, share: number, description: string): Kind {
  return { place, share, description };
}

/** A fault to come. Times are milliseconds since the beginning of the load. */
export interface PlannedFault {
  readonly kind: KindName;
  /** Number of the Region, 0 or 1; where a client process is killed, number of that process. */
  readonly target: number;
  readonly atMs: number;
  readonly forMs: number;
}

/** The faults of a run. The same for the same seed, duration and number of clients. */
export interface ChaosPlan {
  readonly durationMs: number;
  /** In the order of their beginnings. They overlap. */
  readonly faults: readonly PlannedFault[];
}

interface PlanInput {
  readonly seed: number;
  readonly durationMs: number;
  readonly clients: number;
}

/** Time between the beginnings of two faults in a run that is long enough for it. */
const SPACING_MS = 1200;
/** Shortest and longest time that a fault lasts. */
const SHORTEST_MS = 500;
const LONGEST_MS = 6000;
/** Time without faults at the beginning and at the end. */
const QUIET_MS = 800;
/** A Region that was killed needs this long to be up again before another fault hits its process. */
const RECOVERY_MS = 1500;

/**
 * Makes a plan. Kinds are dealt like cards: each comes once before any comes again, so that the shortest run has them all.
 * A kill or freeze that would have to wait for a free Region until the run is nearly over is left out. It is never the first
 * of its kind: the first kill and the first freeze find a free Region.
 */
export function planOf({ seed, durationMs, clients }: PlanInput): ChaosPlan {
  const chance = new Chance(seed);
  const lastStartMs = Math.max(QUIET_MS, durationMs - QUIET_MS - SHORTEST_MS);
  const spanMs = lastStartMs - QUIET_MS;
  const count = Math.max(KIND_NAMES.length, Math.floor(spanMs / SPACING_MS));
  const longestMs = Math.min(LONGEST_MS, Math.max(3 * SHORTEST_MS, durationMs / 8));
  const processes = new ProcessTimes();
  const faults = dealt(count, chance).flatMap((kind, index): PlannedFault[] => {
    const wishedMs = Math.round(QUIET_MS + ((index + chance.next()) * spanMs) / count);
    const lastsMs = chance.whole(SHORTEST_MS, longestMs);
    const wished = chance.whole(0, (kindOf(kind).place === 'client' ? clients : 2) - 1);
    const isExclusive = kind === 'kill' || kind === 'freeze';
    const { target, atMs } = isExclusive
      ? processes.next(wished, wishedMs)
      : { target: wished, atMs: wishedMs };
    if (atMs > lastStartMs) {
      return [];
    }
    const forMs = Math.min(lastsMs, Math.max(SHORTEST_MS, durationMs - QUIET_MS - atMs));
    if (isExclusive) {
      processes.take(target, atMs + forMs);
    }
    return [{ kind, target, atMs, forMs }];
  });
  return { durationMs, faults: faults.sort((one, other) => one.atMs - other.atMs) };
}

/** When each Region's process is killed or frozen: one fault at a time. */
class ProcessTimes {
  readonly #freeAtMs = [0, 0];

  /** The wished Region, or the one that is free first, and the time from which it is. */
  next(wished: number, atMs: number): { target: number; atMs: number } {
    const other = 1 - wished;
    const isFree = this.#freeAt(wished) <= Math.max(atMs, this.#freeAt(other));
    const target = isFree ? wished : other;
    return { target, atMs: Math.max(atMs, this.#freeAt(target)) };
  }

  take(target: number, untilMs: number): void {
    this.#freeAtMs[target] = untilMs + RECOVERY_MS;
  }

  #freeAt(target: number): number {
    return this.#freeAtMs[target] ?? 0;
  }
}

/** Takes `count` kinds from packs that are shuffled anew. */
function dealt(count: number, chance: Chance): KindName[] {
  const kinds: KindName[] = [];
  while (kinds.length < count) {
    const pack = KIND_NAMES.map((kind) => ({ kind, place: chance.next() }));
    pack.sort((one, other) => one.place - other.place);
    kinds.push(...pack.map(({ kind }) => kind));
  }
  return kinds.slice(0, count);
}
