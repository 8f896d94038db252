import { chanceFrom } from '../../../client/load/workload.ts';
import { KIND_NAMES, type KindName, kindOf } from './kinds.ts';

/** A fault that is going to happen. Times are milliseconds since the beginning of the load. */
export interface PlannedFault {
  readonly kind: KindName;
  /** Number of the Region, 0 or 1; where a client process is killed, number of that process. */
  readonly target: number;
  readonly atMs: number;
  readonly forMs: number;
}

/** What goes wrong in a run, and when. The same for the same seed, duration and number of clients. */
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
/** Calls have the bank for themselves at the beginning and at the end. */
const QUIET_MS = 800;
/** A Region that was killed needs this long to be up again before another fault hits its process. */
const RECOVERY_MS = 1500;

/**
 * Makes a plan. Kinds are dealt like cards: each comes once before any comes again, so that the shortest run has them all.
 */
export function planOf({ seed, durationMs, clients }: PlanInput): ChaosPlan {
  const chance = chanceFrom(seed);
  const spanMs = Math.max(0, durationMs - 2 * QUIET_MS);
  const count = Math.max(KIND_NAMES.length, Math.floor(spanMs / SPACING_MS));
  const longestMs = Math.min(LONGEST_MS, Math.max(3 * SHORTEST_MS, durationMs / 8));
  const processes = new ProcessTimes();
  const faults = dealt(count, chance).map((kind, index): PlannedFault => {
    const wishedMs = QUIET_MS + ((index + chance()) * spanMs) / count;
    const lastsMs = SHORTEST_MS + chance() * (longestMs - SHORTEST_MS);
    const forMs = Math.round(Math.min(lastsMs, Math.max(SHORTEST_MS, durationMs - QUIET_MS - wishedMs)));
    const draw = chance();
    if (kindOf(kind).place === 'client') {
      return { kind, target: Math.floor(draw * clients), atMs: Math.round(wishedMs), forMs };
    }
    const wished = draw < 0.5 ? 0 : 1;
    return kind === 'kill' || kind === 'freeze'
      ? { kind, ...processes.take(wished, Math.round(wishedMs), forMs), forMs }
      : { kind, target: wished, atMs: Math.round(wishedMs), forMs };
  });
  return { durationMs, faults: faults.sort((one, other) => one.atMs - other.atMs) };
}

/** When each Region's process is at fault, which it can be in one way at a time only. */
class ProcessTimes {
  readonly #freeAtMs = [0, 0];

  /** Gives the Region that was wished for, or else the one that is free again first, and when. */
  take(wished: number, atMs: number, forMs: number): { target: number; atMs: number } {
    const other = 1 - wished;
    const isFree = this.#freeAt(wished) <= Math.max(atMs, this.#freeAt(other));
    const target = isFree ? wished : other;
    const startMs = Math.max(atMs, this.#freeAt(target));
    this.#freeAtMs[target] = startMs + forMs + RECOVERY_MS;
    return { target, atMs: startMs };
  }

  #freeAt(target: number): number {
    return this.#freeAtMs[target] ?? 0;
  }
}

/** Takes `count` kinds from packs that are shuffled anew. */
function dealt(count: number, chance: () => number): KindName[] {
  const kinds: KindName[] = [];
  while (kinds.length < count) {
    const pack = KIND_NAMES.map((kind) => ({ kind, place: chance() }));
    pack.sort((one, other) => one.place - other.place);
    kinds.push(...pack.map(({ kind }) => kind));
  }
  return kinds.slice(0, count);
}
