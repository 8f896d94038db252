import { turned as inTurns } from '../interleave.ts';
import { type Meter, perCall, sum, type Work } from '../meter.ts';
import type { Measured } from '../results.ts';
import { measured } from '../statistics.ts';
import type { LargestHead, SeenHead } from './heads.ts';
import { inLanes } from './lanes.ts';
import type { GrowthLevel } from './result.ts';

/** Something that has grown so far, ready to be called. */
export interface Level {
  readonly level: number;
  /** Callers at once, each of which makes one call after the other. */
  readonly callers: number;
  /** Makes one caller's next call. */
  readonly call: (caller: number) => Promise<void>;
}

/** How much is measured of each level. */
export interface Amount {
  readonly rounds: number;
  /** Calls at a stretch. */
  readonly sliceCalls: number;
}

/** Calls that each level gets in all, with those of the round that is thrown away. */
export function callsOf({ rounds, sliceCalls }: Amount): number {
  return (rounds + 1) * sliceCalls;
}

interface Slice {
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  readonly processorMs: number;
  readonly work: Work;
  readonly head: SeenHead;
}

/** What measures the calls. */
export interface Instruments {
  readonly meter: Meter;
  readonly heads: LargestHead;
  /** Waits for the work that calls have left behind. */
  readonly turned: () => Promise<void>;
}

/**
 * Calls the levels in turns, a slice of calls each, in an order that turns with every round, and takes ratios within a
 * round: what changes with time, the machine's other work above all, then changes all levels alike.
 */
export async function measureLevels(
  levels: readonly Level[],
  amount: Amount,
  instruments: Instruments,
  onRound: (round: number) => void,
  signal: AbortSignal,
): Promise<GrowthLevel[]> {
  const slices = new Map<Level, Slice[]>(levels.map((level) => [level, []]));
  // The first round is thrown away: it compiles the code and opens the connections.
  for (let round = 0; round <= amount.rounds; round += 1) {
    onRound(Math.max(round, 1));
    for (const level of inTurns(levels, round)) {
      const slice = await runSlice(level, amount.sliceCalls, instruments, signal);
      if (round > 0) slices.get(level)?.push(slice);
    }
  }
  const [first = []] = slices.values();
  return [...slices].map(([{ level }, its]) => ({ level, ...figuresOf(its, first) }));
}

async function runSlice(
  { callers, call }: Level,
  calls: number,
  { meter, heads, turned }: Instruments,
  signal: AbortSignal,
): Promise<Slice> {
  const latenciesMs: number[] = [];
  const callAndTime = async (caller: number) => {
    const sentMs = performance.now();
    await call(caller);
    latenciesMs.push(performance.now() - sentMs);
  };
  let begun = 0;
  const begin = (caller: number) => (begun++ < calls ? callAndTime(caller) : undefined);
  meter.take();
  heads.take();
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await inLanes(callers, begin, signal);
  const elapsedMs = performance.now() - startedMs;
  await turned();
  const { user, system } = process.cpuUsage(before);
  const processorMs = (user + system) / 1000 / calls;
  return { latenciesMs, elapsedMs, processorMs, work: meter.take(), head: heads.take() };
}

function figuresOf(slices: readonly Slice[], first: readonly Slice[]): Omit<GrowthLevel, 'level'> {
  const calls = slices.reduce((count, { latenciesMs }) => count + latenciesMs.length, 0);
  const { requests, writeUnits, readUnits } = perCall(slices.map(({ work }) => work).reduce(sum), calls);
  const vsFirst = (pick: (slice: Slice) => number): Measured =>
    measured(
      slices.map((slice, round) => {
        const its = first[round];
        return its === undefined ? Number.NaN : pick(slice) / pick(its);
      }),
    );
  const processorMs = (slice: Slice) => slice.processorMs;
  const latencyMs = ({ latenciesMs }: Slice) => measured(latenciesMs).median;
  return {
    calls,
    requests,
    writeUnits,
    readUnits,
    itemBytes: Math.max(...slices.map(({ head }) => head.itemBytes)),
    entries: Math.max(...slices.map(({ head }) => head.entries)),
    processorMs: measured(slices.map(processorMs)),
    latencyMs: measured(slices.map(latencyMs)),
    callsPerSecond: measured(
      slices.map(({ latenciesMs, elapsedMs }) => (latenciesMs.length * 1000) / elapsedMs),
    ),
    processorVsFirst: vsFirst(processorMs),
    latencyVsFirst: vsFirst(latencyMs),
  };
}
