import { BankClient } from '../../client/index.ts';
import { LocalBank } from '../../infra/local/bank.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import type { Contender } from './contenders/contender.ts';
import { accountNames, openContenders } from './contenders/open.ts';
import type { Question, Site, Table } from './question.ts';
import { interleave, quantile, ratioOf, spreadOf } from './statistics.ts';
import { runSlice } from './throughput.ts';

interface LocalBankPlan {
  readonly rounds: number;
  /** How long a side is called before the first round. Java compiles DynamoDB Local's code meanwhile. */
  readonly warmUpMs: number;
  /** How long a side is called at a stretch. */
  readonly sliceMs: number;
}

const CALLERS = 16;

export const localBank: Question<LocalBankPlan> = {
  title: 'The whole local bank',
  note:
    'Deposits and withdrawals over HTTP at a local bank of two Regions, divided by unguarded UpdateItems of an SDK client on the ' +
    'same DynamoDB Local, which keeps everything in memory. The processes share this machine. Median (p25..p75) of the rounds.',
  plans: {
    quick: { rounds: 3, warmUpMs: 500, sliceMs: 500 },
    full: { rounds: 15, warmUpMs: 15_000, sliceMs: 1000 },
  },
  measure: async (plan, site) => [await measureAll(plan, site)],
};

async function measureAll(
  { rounds, warmUpMs, sliceMs }: LocalBankPlan,
  { onProgress, signal }: Site,
): Promise<Table> {
  onProgress('starting a bank');
  const bank = await LocalBank.start({ dataFolder: null, ports: await freePorts(), signal });
  try {
    const accounts = accountNames(CALLERS);
    await using contenders = await openContenders(bank.endpoint, accounts, signal);
    await using client = new BankClient({ endpoints: bank.status().map(({ url }) => url) });
    for (const account of accounts) {
      await client.deposit(account, 1_000_000n, { signal });
    }
    const overHttp: Pick<Contender, 'execute'> = {
      execute: async ({ account, operation, amountMinor }) => {
        const { balance } = await client[operation](account, amountMinor, { signal });
        return { kind: 'executed', balanceMinor: balance };
      },
    };
    const sideOf = (side: Pick<Contender, 'execute'>) => (isWarmUp: boolean) =>
      runSlice(side, { accounts, callers: CALLERS, sliceMs: isWarmUp ? warmUpMs : sliceMs });
    const sides = { bank: sideOf(overHttp), bare: sideOf(contenders.bare) };
    const onRound = (round: number) => onProgress(`round ${round} of ${rounds}`);
    const measured = await interleave(sides, rounds, { onRound, signal });
    const names = { bank: 'the local bank, over HTTP', bare: 'bare UpdateItem' };
    return {
      title: `${CALLERS} accounts, callers: ${CALLERS}`,
      rows: (['bank', 'bare'] as const).map((side) => ({
        side: names[side],
        ratioToBare: ratioOf(measured, [side, 'bare'], ({ callsPerSecond }) => callsPerSecond),
        callsPerSecond: spreadOf(measured.map((round) => round[side].callsPerSecond)),
        p50Ms: quantile(
          measured.flatMap((round) => round[side].latenciesMs),
          0.5,
        ),
      })),
    };
  } finally {
    await bank.stop();
  }
}
