import { newKey } from '../support/keys.ts';
import { CONTENDER_NAMES, type Contender, type ContenderName } from './contenders/contender.ts';
import { turned } from './interleave.ts';
import type { Latencies, Measured } from './results.ts';
import { latencies, measured } from './statistics.ts';

/** How much is measured. */
export interface ThroughputPlan {
  /** Numbers of callers at once, each of which makes one call after the other. */
  readonly callers: readonly number[];
  readonly rounds: number;
  /** How long each contender is asked at a stretch, in milliseconds. */
  readonly sliceMs: number;
  /** Accounts that hold money already, in the tables of every contender. */
  readonly accounts: readonly string[];
}

/** Whether the calls go to many accounts or all to one. */
export type Spread = 'many_accounts' | 'one_account';

/** Throughput of the contenders with one number of callers. */
export interface ThroughputResult {
  readonly spread: Spread;
  readonly callers: number;
  readonly contenders: Readonly<Record<ContenderName, ContenderThroughput>>;
}

export interface ContenderThroughput {
  readonly callsPerSecond: Measured;
  readonly latencies: Latencies;
  /** The bank's calls a second divided by this contender's, round by round. */
  readonly bankVs: Measured;
}

const SPREADS: readonly Spread[] = ['many_accounts', 'one_account'];

interface Slice {
  readonly callsPerSecond: number;
  readonly latenciesMs: readonly number[];
}

/**
 * Asks the contenders in turns, a slice of time each, in an order that turns with every round: whatever else the machine
 * is doing then hits all of them alike, and ratios are taken within a round.
 */
export async function measureThroughput(
  contenders: Readonly<Record<ContenderName, Contender>>,
  plan: ThroughputPlan,
  onProgress: (says: string) => void,
  signal: AbortSignal,
): Promise<ThroughputResult[]> {
  const settings = SPREADS.flatMap((spread) => plan.callers.map((callers) => ({ spread, callers })));
  const slices = settings.map(() => noSlices());
  // The first round is thrown away: it compiles the code, opens the connections, and gives each account its first reply.
  for (let round = -1; round < plan.rounds; round += 1) {
    for (const [index, { spread, callers }] of settings.entries()) {
      onProgress(`throughput, ${callers} callers, round ${Math.max(round, 0) + 1} of ${plan.rounds}`);
      for (const name of turned(CONTENDER_NAMES, round + 1)) {
        signal.throwIfAborted();
        const accounts = spread === 'many_accounts' ? plan.accounts : plan.accounts.slice(0, 1);
        const slice = await runSlice(contenders[name], accounts, callers, plan.sliceMs);
        if (round >= 0) slices[index]?.[name].push(slice);
      }
    }
  }
  return settings.map((setting, index) => ({
    ...setting,
    contenders: summarize(slices[index] ?? noSlices()),
  }));
}

async function runSlice(
  contender: Contender,
  accounts: readonly string[],
  callers: number,
  sliceMs: number,
): Promise<Slice> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const runCaller = async (caller: number) => {
    for (let call = 0; performance.now() - startedMs < sliceMs; call += 1) {
      // Steps that have no divisor in common with the number of accounts, so that callers spread over all of them.
      const account = accounts[(caller * 7919 + call * 104_729) % accounts.length] ?? '';
      const sentMs = performance.now();
      const moved = await contender.move(
        call % 2 === 0
          ? { account, key: newKey(), move: 'deposit', amountMinor: 10n }
          : { account, key: newKey(), move: 'withdraw', amountMinor: 10n },
      );
      latenciesMs.push(performance.now() - sentMs);
      if (moved.kind !== 'executed')
        throw new Error(`${contender.name} refused a call that it had money for`);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => runCaller(caller)));
  return { callsPerSecond: (latenciesMs.length * 1000) / (performance.now() - startedMs), latenciesMs };
}

function noSlices(): Record<ContenderName, Slice[]> {
  return { bank: [], bare: [], powertools: [], transaction: [] };
}

function summarize(
  slices: Readonly<Record<ContenderName, readonly Slice[]>>,
): Record<ContenderName, ContenderThroughput> {
  const of = (name: ContenderName): ContenderThroughput => ({
    callsPerSecond: measured(slices[name].map(({ callsPerSecond }) => callsPerSecond)),
    latencies: latencies(slices[name].flatMap(({ latenciesMs }) => latenciesMs)),
    bankVs: measured(
      slices[name].map(
        ({ callsPerSecond }, round) => (slices.bank[round]?.callsPerSecond ?? Number.NaN) / callsPerSecond,
      ),
    ),
  });
  return {
    bank: of('bank'),
    bare: of('bare'),
    powertools: of('powertools'),
    transaction: of('transaction'),
  };
}
