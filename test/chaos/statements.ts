import { BankClient } from '../../client/client.ts';
import { PROBLEMS } from '../../client/contract/problems.ts';
import type { Entry } from '../../client/index.ts';
import { type Entry as Asked, isMove, lastOutcome } from '../../infra/drill/books.ts';
import { forEach, insist, type Patience } from '../../infra/drill/patience.ts';
import type { DrillEndpoint } from '../../infra/drill/verify.ts';
import type { Check } from './items.ts';

/** An account's statement as a Region tells it, oldest first; undefined when it did not answer. */
export interface StatementRead {
  readonly account: string;
  readonly region: string;
  readonly entries: readonly Entry[] | undefined;
}

/** Reads the statement of each account that was asked for something, in each Region. */
export async function readStatements(
  asked: readonly Asked[],
  endpoints: readonly DrillEndpoint[],
  patience: () => Patience,
): Promise<readonly StatementRead[]> {
  const accounts = [...new Set(asked.map(({ request }) => request.account))];
  const limit = patience();
  const reads = endpoints.map(async (endpoint) => {
    await using client = new BankClient({ endpoints: [endpoint] });
    return await forEach(accounts, async (account) => ({
      account,
      region: endpoint.region,
      entries: await insist(limit, () => read(client, account)),
    }));
  });
  return (await Promise.all(reads)).flat();
}

async function read(client: BankClient, account: string): Promise<readonly Entry[] | undefined> {
  const entries: Entry[] = [];
  try {
    for await (const entry of client.entries(account, { after: 0, refusals: true })) entries.push(entry);
    return entries;
  } catch (error) {
    const { code } = error as { code?: string };
    // An account of which only the balance was ever asked has no book.
    if (code === 'no_such_account') return [];
    if (code === 'unavailable') return undefined;
    throw error;
  }
}

/** Compares statements with themselves and with what callers were told (I2, I6): every call, once, in its place. */
export function checkStatements(asked: readonly Asked[], reads: readonly StatementRead[]): Check {
  const broken: string[] = [];
  const open: string[] = [];
  let checked = 0;
  for (const { account, region, entries } of reads) {
    const where = `${account} in ${region}`;
    if (entries === undefined) {
      open.push(`${where}: no answer`);
      continue;
    }
    checked += entries.length;
    broken.push(...faultsOf(entries).map((fault) => `${where}: ${fault}`));
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    if (byKey.size !== entries.length) broken.push(`${where}: a key is in the statement twice`);
    for (const call of asked) {
      if (!isMove(call.request) || call.request.account !== account) continue;
      checked += 1;
      const fault = faultOf(call, byKey.get(call.request.key));
      if (fault !== undefined) broken.push(`${where}: ${call.request.key} ${fault}`);
    }
  }
  return {
    name: 'book',
    says: 'in both Regions the statements have every call that was answered, once, and add up without a gap',
    checked,
    broken,
    open,
  };
}

/** Numbered from 1 without a gap, each balance the one before and the change. */
function faultsOf(entries: readonly Entry[]): readonly string[] {
  let before = 0n;
  return entries.flatMap(({ sequence, change, balance }, index) => {
    const expected = before + change;
    before = balance;
    if (sequence !== index + 1) return [`entry ${sequence} stands where ${index + 1} belongs`];
    return balance === expected ? [] : [`entry ${sequence}: a balance of ${balance} instead of ${expected}`];
  });
}

function faultOf(call: Asked, entry: Entry | undefined): string | undefined {
  const outcome = lastOutcome(call);
  switch (outcome.kind) {
    case 'executed':
      return entry?.balance === outcome.balanceMinor && entry.type === typeOf(call)
        ? undefined
        : `was executed with ${outcome.balanceMinor} and is ${shown(entry)}`;
    case 'refused':
      if (entry === undefined)
        return RECORDED.has(outcome.code) ? `was ${outcome.code} and is not there` : undefined;
      return entry.code === outcome.code || entry.type === outcome.code || !RECORDED.has(outcome.code)
        ? undefined
        : `was ${outcome.code} and is ${shown(entry)}`;
    case 'not_executed':
      return entry?.change === 0n || entry === undefined
        ? undefined
        : 'was certainly not executed and is there';
    default:
      return undefined;
  }
}

const RECORDED: ReadonlySet<string> = new Set(
  Object.entries(PROBLEMS).flatMap(([code, { recorded }]) => (recorded ? [code] : [])),
);

function typeOf({ request }: Asked): string {
  return request.kind === 'withdraw' ? 'withdrawal' : request.kind;
}

function shown(entry: Entry | undefined): string {
  return entry === undefined ? 'not there' : `${entry.type} ${entry.code ?? ''} ${entry.balance}`;
}
