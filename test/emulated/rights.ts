import { OPERATIONS } from '../../client/contract/schemas.ts';
import { type BankClient, mintKey, RefusedError } from '../../client/index.ts';
import { within } from '../../functions/dynamodb/within.ts';
import type { EmulatedBank } from './emulated-bank.ts';
import { answerOf, type Step } from './step.ts';
import { ACCOUNTS, type World } from './world.ts';

/** Longest that a gateway may take to turn a request away. */
const TIMEOUT_MS = 15_000;

/** Steps about who may do what. Each of them would move money, or show it, if the policies were wider. */
export function rightsSteps({ bank, callers, signal }: World): readonly Step[] {
  const [one, two] = bank.regions;
  const shop = callers.client('shop', one);
  const stranger = callers.client('stranger', two);
  const { joe, till, wallet } = ACCOUNTS;
  const requests = Object.keys(OPERATIONS).length + 1;
  return [
    {
      does: `shop, which may deposit to wallet-*, deposits 5 to ${wallet}`,
      act: () => answerOf(() => shop.deposit(wallet, 5, { signal })),
      expected: `5, said ${one.region}`,
    },
    {
      does: `shop, which may transfer from wallet-* to ${till}, transfers 4 to ${till}`,
      act: () => answerOf(() => shop.transfer(wallet, till, 4, { signal })),
      expected: `1, said ${one.region}`,
    },
    {
      does: `shop transfers 1 to ${joe}`,
      act: () => answerOf(() => shop.transfer(wallet, joe, 1, { signal })),
      expected: 'not_authorized',
    },
    {
      does: `shop withdraws 5 from ${wallet}`,
      act: () => answerOf(() => shop.withdraw(wallet, 5, { signal })),
      expected: 'not_authorized',
    },
    {
      does: `shop deposits 5 to ${joe}`,
      act: () => answerOf(() => shop.deposit(joe, 5, { signal })),
      expected: 'not_authorized',
    },
    {
      does: `shop asks for the balance of ${wallet}`,
      act: () => answerOf(() => shop.balance(wallet, { signal })),
      expected: 'not_authorized',
    },
    {
      does: 'shop asks for the list of accounts',
      act: () => accountsOf(shop, signal),
      expected: 'not_authorized',
    },
    {
      does: 'teller asks for it',
      act: () => accountsOf(callers.client('teller', two), signal),
      expected: Object.values(ACCOUNTS).sort().join(', '),
    },
    {
      does: `teller, whom everything was granted that "all" stands for, freezes ${joe}`,
      act: () =>
        answerOf(() => callers.client('teller', two).setStatus(joe, { debits: 'frozen' }, { signal })),
      expected: 'not_authorized',
    },
    {
      does: `risk, which may freeze accounts, deposits 5 to ${joe}`,
      act: () => answerOf(() => callers.client('risk', one).deposit(joe, 5, { signal })),
      expected: 'not_authorized',
    },
    {
      does: `stranger, whom nothing was granted, deposits 5 to ${joe}`,
      act: () => answerOf(() => stranger.deposit(joe, 5, { signal })),
      expected: 'not_authorized',
    },
    {
      does: 'every request of the contract in both Regions, and one that is not in it, unsigned',
      act: () => askUnsigned(bank, signal),
      expected: `${2 * requests} times 403`,
    },
    {
      does: `the balance of ${joe}`,
      act: () => answerOf(() => callers.client('teller', two).balance(joe, { signal })),
      expected: `2070, said ${two.region}`,
    },
  ];
}

/** The names of all accounts, in the order of the alphabet. */
async function accountsOf(client: BankClient, signal: AbortSignal): Promise<string> {
  const names: string[] = [];
  try {
    for await (const { account } of client.accounts({ signal })) {
      names.push(account);
    }
  } catch (error) {
    if (!(error instanceof RefusedError)) {
      throw error;
    }
    return error.code;
  }
  return names.sort().join(', ');
}

/** Sends each request without a signature, and counts how the answers begin. */
async function askUnsigned(bank: EmulatedBank, signal: AbortSignal): Promise<string> {
  const counts = new Map<number, number>();
  for (const { url } of bank.regions) {
    for (const { method, path } of [...Object.values(OPERATIONS), { method: 'GET', path: '/nowhere' }]) {
      const address =
        url + path.replace(/\{(account|to)\}/g, ACCOUNTS.joe).replace(/\{(key|hold)\}/g, mintKey());
      const status = await within(TIMEOUT_MS, signal, async (signal) => {
        const response = await fetch(address, {
          method,
          signal,
          ...(method === 'POST'
            ? { headers: { 'idempotency-key': mintKey() }, body: JSON.stringify({ amount: '5' }) }
            : {}),
        });
        await response.body?.cancel();
        return response.status;
      });
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  }
  return [...counts].map(([status, count]) => `${count} times ${status}`).join(', ');
}
