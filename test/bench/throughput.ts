import { BankClient } from '../../client/index.ts';
import { LocalBank } from '../../infra/local/bank.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { newKey } from '../support/keys.ts';
import { CONTENDERS, type Contender, type ContenderName } from './contenders/contender.ts';
import { accountNames, openContenders } from './contenders/open.ts';
import type { Question, Site, Table } from './question.ts';
import { interleave, quantile, ratioOf, spreadOf } from './statistics.ts';

interface Plan {
  readonly rounds: number;
  /** How long a side is called before the first round. Java compiles DynamoDB Local's code meanwhile. */
  readonly warmUpMs: number;
  /** How long a side is called at a stretch. */
  readonly sliceMs: number;
}

interface Setting {
  readonly accounts: number;
  readonly callers: number;
}

const SETTINGS: readonly Setting[] = [
  { accounts: 1, callers: 64 },
  { accounts: 1000, callers: 1 },
  { accounts: 1000, callers: 16 },
  { accounts: 1000, callers: 64 },
];
const LOCAL_SETTINGS: readonly Setting[] = [
  { accounts: 16, callers: 16 },
  { accounts: 1, callers: 64 },
];

type Side = Pick<Contender, 'execute'>;

interface Slice {
  readonly callsPerSecond: number;
  readonly latenciesMs: readonly number[];
}

export const throughput: Question<Plan & { readonly settings: readonly Setting[] }> = {
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
      await using sides = await openContenders(site.endpoint, accountNames(setting.accounts), site.signal);
      tables.push(await measureSides<ContenderName>(sides, CONTENDERS, setting, plan, site));
    }
    return tables;
  },
};

export const localBank: Question<Plan> = {
  title: 'The whole local bank',
  note:
    'Deposits and withdrawals over HTTP at a local bank of two Regions, divided by unguarded UpdateItems of an SDK client on the ' +
    'same DynamoDB Local, which keeps everything in memory. The processes share this machine. Median (p25..p75) of the rounds.',
  plans: {
    quick: { rounds: 3, warmUpMs: 500, sliceMs: 500 },
    full: { rounds: 15, warmUpMs: 15_000, sliceMs: 1000 },
  },
  measure: async (plan, site) => {
    const { signal } = site;
    site.onProgress('starting a bank');
    const bank = await LocalBank.start({ dataFolder: null, ports: await freePorts(), signal });
    try {
      const accounts = accountNames(Math.max(...LOCAL_SETTINGS.map((setting) => setting.accounts)));
      await using contenders = await openContenders(bank.endpoint, accounts, signal);
      const endpoints = bank.status().map(({ url }) => url);
      await using client = new BankClient({ endpoints });
      await using batching = new BankClient({ endpoints, batchCalls: true });
      for (const account of accounts) {
        await client.deposit(account, 1_000_000n, { signal });
      }
      const through = (by: BankClient): Side => ({
        execute: async ({ account, operation, amountMinor }) => {
          const { balance } = await by[operation](account, amountMinor, { signal });
          return { kind: 'executed', balanceMinor: balance };
        },
      });
      const names = {
        bank: 'the local bank, over HTTP',
        batches: 'the same, with batchCalls',
        bare: CONTENDERS.bare,
      };
      const sides = { bank: through(client), batches: through(batching), bare: contenders.bare };
      const tables: Table[] = [];
      for (const setting of LOCAL_SETTINGS) {
        tables.push(await measureSides(sides, names, setting, plan, site));
      }
      return tables;
    } finally {
      await bank.stop();
    }
  },
};

/** A row for each side that has a name. */
async function measureSides<Name extends string>(
  sides: Readonly<Record<Name | 'bare', Side>>,
  names: Readonly<Record<Name | 'bare', string>>,
  { accounts, callers }: Setting,
  { rounds, warmUpMs, sliceMs }: Plan,
  { onProgress, signal }: Site,
): Promise<Table> {
  const title = `${accounts} account${accounts === 1 ? '' : 's'}, callers: ${callers}`;
  const sideNames = Object.keys(names) as (Name | 'bare')[];
  const runs = Object.fromEntries(
    sideNames.map((name) => [
      name,
      (isWarmUp: boolean) => runSlice(sides[name], { accounts, callers }, isWarmUp ? warmUpMs : sliceMs),
    ]),
  ) as Record<Name | 'bare', (isWarmUp: boolean) => Promise<Slice>>;
  const onRound = (round: number) => onProgress(`${title}, round ${round} of ${rounds}`);
  const measured = await interleave(runs, rounds, { onRound, signal });
  const rows = sideNames.map((name) => {
    const latenciesMs = measured.flatMap((round) => round[name].latenciesMs);
    return {
      contender: names[name],
      ratioToBare: ratioOf(measured, [name, 'bare'], ({ callsPerSecond }) => callsPerSecond),
      callsPerSecond: spreadOf(measured.map((round) => round[name].callsPerSecond)),
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
    };
  });
  return { title, rows };
}

async function runSlice(side: Side, { accounts, callers }: Setting, sliceMs: number): Promise<Slice> {
  const names = accountNames(accounts);
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const runCaller = async (caller: number) => {
    for (let call = 0; performance.now() - startedMs < sliceMs; call += 1) {
      // Primes, so that the callers spread over all accounts.
      const account = names[(caller * 7919 + call * 104_729) % accounts] ?? '';
      const operation = call % 2 === 0 ? 'deposit' : 'withdraw';
      const sentMs = performance.now();
      const { kind } = await side.execute({ account, key: newKey(), operation, amountMinor: 10n });
      latenciesMs.push(performance.now() - sentMs);
      if (kind !== 'executed') {
        throw new Error('a call was refused although there was money for it');
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => runCaller(caller)));
  return { callsPerSecond: (latenciesMs.length * 1000) / (performance.now() - startedMs), latenciesMs };
}
