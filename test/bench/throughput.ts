import { newKey } from '../support/keys.ts';
import { CONTENDER_NAMES, CONTENDERS, type Contender, type ContenderName } from './contenders/contender.ts';
import { accountNames, openContenders } from './contenders/open.ts';
import type { Question, Site, Table } from './question.ts';
import { interleave, quantile, ratioOf, spreadOf } from './statistics.ts';

interface ThroughputPlan {
  readonly settings: readonly { readonly accounts: number; readonly callers: number }[];
  readonly rounds: number;
  /** How long a contender is called before the first round. Java compiles DynamoDB Local's code meanwhile. */
  readonly warmUpMs: number;
  /** How long a contender is called at a stretch. */
  readonly sliceMs: number;
}

const SETTINGS = [
  { accounts: 1, callers: 64 },
  { accounts: 1000, callers: 1 },
  { accounts: 1000, callers: 16 },
  { accounts: 1000, callers: 64 },
];

interface Slice {
  readonly callsPerSecond: number;
  readonly latenciesMs: readonly number[];
}

export const throughput: Question<ThroughputPlan> = {
  title: 'Calls a second',
  note:
    'Deposits and withdrawals in turn, by callers who make one call after the other. A ratio is the calls a second of a ' +
    'contender divided by those of the bare UpdateItem in the same round. DynamoDB Local is one process that writes one item ' +
    'after the other, so that its latencies are not those of DynamoDB. Median (p25..p75) of the rounds.',
  plans: {
    quick: { settings: SETTINGS, rounds: 3, warmUpMs: 150, sliceMs: 150 },
    full: { settings: SETTINGS, rounds: 15, warmUpMs: 5000, sliceMs: 300 },
  },
  measure: async ({ settings, ...plan }, site) => {
    const tables: Table[] = [];
    for (const setting of settings) {
      tables.push(await measureSetting({ ...setting, ...plan }, site));
    }
    return tables;
  },
};

async function measureSetting(
  setting: ThroughputPlan['settings'][number] & Omit<ThroughputPlan, 'settings'>,
  { endpoint, onProgress, signal }: Site,
): Promise<Table> {
  const { callers, rounds, warmUpMs, sliceMs } = setting;
  const accounts = accountNames(setting.accounts);
  const title = `${setting.accounts} account${setting.accounts === 1 ? '' : 's'}, callers: ${callers}`;
  await using contenders = await openContenders(endpoint, accounts, signal);
  const sideOf = (name: ContenderName) => (isWarmUp: boolean) =>
    runSlice(contenders[name], { accounts, callers, sliceMs: isWarmUp ? warmUpMs : sliceMs });
  const sides = {
    bank: sideOf('bank'),
    bare: sideOf('bare'),
    powertools: sideOf('powertools'),
    transaction: sideOf('transaction'),
  };
  const onRound = (round: number) => onProgress(`${title}, round ${round} of ${rounds}`);
  const measured = await interleave(sides, rounds, { onRound, signal });
  return {
    title,
    rows: CONTENDER_NAMES.map((name) => {
      const latenciesMs = measured.flatMap((round) => round[name].latenciesMs);
      return {
        contender: CONTENDERS[name],
        ratioToBare: ratioOf(measured, [name, 'bare'], ({ callsPerSecond }) => callsPerSecond),
        callsPerSecond: spreadOf(measured.map((round) => round[name].callsPerSecond)),
        p50Ms: quantile(latenciesMs, 0.5),
        p99Ms: quantile(latenciesMs, 0.99),
      };
    }),
  };
}

export async function runSlice(
  contender: Pick<Contender, 'execute'>,
  { accounts, callers, sliceMs }: { accounts: readonly string[]; callers: number; sliceMs: number },
): Promise<Slice> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const runCaller = async (caller: number) => {
    for (let call = 0; performance.now() - startedMs < sliceMs; call += 1) {
      // Primes, so that the callers spread over all accounts.
      const account = accounts[(caller * 7919 + call * 104_729) % accounts.length] ?? '';
      const operation = call % 2 === 0 ? 'deposit' : 'withdraw';
      const sentMs = performance.now();
      const { kind } = await contender.execute({ account, key: newKey(), operation, amountMinor: 10n });
      latenciesMs.push(performance.now() - sentMs);
      if (kind !== 'executed') {
        throw new Error('a call was refused although there was money for it');
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => runCaller(caller)));
  return { callsPerSecond: (latenciesMs.length * 1000) / (performance.now() - startedMs), latenciesMs };
}
