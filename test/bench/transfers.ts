import { type DynamoDBClient, TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Bank } from '../../functions/bank/bank.ts';
import type { Asked } from '../../functions/bank/entry.ts';
import { captureOf, holdOf, intentOf, transferOf } from '../support/asked.ts';
import { newKey } from '../support/keys.ts';
import { updateOf } from './contenders/contender.ts';
import { accountNames, openContenders } from './contenders/open.ts';
import type { ContenderTables } from './contenders/tables.ts';
import { Meter, type Work, workPerCall } from './meter.ts';
import type { Question, Row, Site, Table } from './question.ts';
import { interleave, quantile, ratioOf } from './statistics.ts';

interface TransfersPlan {
  readonly rounds: number;
  /** Calls of each side in a round: a multiple of 12 times the accounts, so that all rounds turn the same number of pages. */
  readonly calls: number;
}

/** What one of the things to be compared takes in a round. */
interface Slice extends Work {
  readonly latencyMs: number;
}

/** Each pays the next one: every account has the same entries. */
const ACCOUNTS = accountNames(4);
const CALL_TIMEOUT_MS = 10_000;

export const transfers: Question<TransfersPlan> = {
  title: 'Transfers and holds',
  note:
    'One after the other, with the pages that they make due. TransactWriteItems writes the same records of a transfer (two ' +
    'balances, two entries, one idempotency record) in one Region, by the published two units for each; it is not possible on a table ' +
    'with strong consistency across Regions. Latencies are medians of a round, divided by those of a bare UpdateItem in the same round: ' +
    'median (p25..p75).',
  plans: { quick: { rounds: 3, calls: 48 }, full: { rounds: 15, calls: 96 } },
  measure: async (plan, site) => [await measureTransfers(plan, site)],
};

async function measureTransfers({ rounds, calls }: TransfersPlan, site: Site): Promise<Table> {
  await using contenders = await openContenders(site.endpoint, ACCOUNTS, site.signal);
  const { bank, client } = contenders.bank;
  const meter = new Meter(client);
  const works = worksOf(bank, client, contenders.tables);
  const sideOf = (work: (account: string, other: string) => Promise<unknown>) => async (): Promise<Slice> => {
    const latenciesMs: number[] = [];
    meter.take();
    for (let call = 0; call < calls; call += 1) {
      const accountAt = (index: number) => ACCOUNTS[index % ACCOUNTS.length] ?? '';
      const startedMs = performance.now();
      await work(accountAt(call), accountAt(call + 1));
      latenciesMs.push(performance.now() - startedMs);
    }
    return { ...workPerCall([meter.take()], calls), latencyMs: quantile(latenciesMs, 0.5) };
  };
  const sides = {
    bare: sideOf(works.bare),
    transfer: sideOf(works.transfer),
    transaction: sideOf(works.transaction),
    hold: sideOf(works.hold),
  };
  const onRound = (round: number) => site.onProgress(`round ${round} of ${rounds}`);
  const measured = await interleave(sides, rounds, { onRound, signal: site.signal });
  const rowOf = (name: keyof typeof sides, what: string): Row => {
    const slices = measured.map((round) => round[name]);
    const { requests, writeUnits, readUnits } = workPerCall(slices, slices.length);
    const latencyToBare = ratioOf(measured, [name, 'bare'], ({ latencyMs }) => latencyMs);
    return { what, requests, writeUnits, readUnits, latencyToBare };
  };
  return {
    title: 'Per call',
    rows: [
      rowOf('bare', 'bare UpdateItem'),
      rowOf('transfer', 'transfer'),
      rowOf('transaction', 'transfer by TransactWriteItems, one Region'),
      rowOf('hold', 'hold, and its capture'),
    ],
  };
}

const GUARDED = { isGuarded: true };
const takenFrom = (account: string, key = '') =>
  ({ account, key, operation: 'withdraw', amountMinor: 1n }) as const;

/** What is compared. A transfer is finished when its payer's book says so, which is after its answer. */
function worksOf(bank: Bank, client: DynamoDBClient, { transaction, bare }: ContenderTables) {
  return {
    bare: (account: string) =>
      client.send(new UpdateItemCommand(updateOf(bare.accounts, takenFrom(account), GUARDED))),
    transfer: (account: string, to: string) => execute(bank, account, transferOf(to, 1)),
    hold: async (account: string) => {
      const hold = await execute(bank, account, holdOf(1));
      await execute(bank, account, captureOf(hold));
    },
    transaction: (account: string, to: string) => {
      const key = newKey();
      const paid = { account: to, key, operation: 'deposit', amountMinor: 1n } as const;
      const toPayee = {
        ...updateOf(transaction.accounts, paid, GUARDED),
        ConditionExpression: 'attribute_exists(#balance)',
      };
      const entryOf = (name: string, change: string, other: string) => ({
        Put: {
          TableName: transaction.entries,
          Item: { account: { S: name }, key: { S: key }, change: { N: change }, other: { S: other } },
        },
      });
      const record = {
        Put: {
          TableName: transaction.idempotency,
          Item: { id: { S: key }, call: { S: `transfer 1 ${to}` } },
          ConditionExpression: 'attribute_not_exists(id)',
        },
      };
      return client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            record,
            { Update: updateOf(transaction.accounts, takenFrom(account, key), GUARDED) },
            { Update: toPayee },
            entryOf(account, '-1', to),
            entryOf(to, '1', account),
          ],
        }),
      );
    },
  };
}

/** Executes a call, and what it left to do. Returns its key. */
async function execute(bank: Bank, account: string, asked: Asked): Promise<string> {
  const key = newKey();
  const intent = intentOf({ account, key }, asked, false);
  const { answer, remaining } = await bank.execute(intent, AbortSignal.timeout(CALL_TIMEOUT_MS));
  await remaining?.done;
  if (
    answer.kind !== 'recorded' ||
    answer.returned !== undefined ||
    answer.line.entry.body.kind !== 'executed'
  ) {
    throw new Error(`the bank did not execute a ${asked.operation}`);
  }
  return key;
}
