import { OPERATIONS } from '../../client/contract/schemas.ts';
import { type Balance, type BankClient, type Moved, mintKey, RefusedError } from '../../client/index.ts';
import { within } from '../../functions/dynamodb/within.ts';
import type { EmulatedBank } from './deploy.ts';
import { ACCOUNTS, answerOf, type Step, stepsThrough, type World } from './step.ts';

/** Longest that a gateway may take to turn a request away. */
const TIMEOUT_MS = 15_000;

/** Steps about who may do what. Each of them would move money, or show it, if the policies were wider. */
export function rightsSteps({ bank, callers, signal }: World): readonly Step[] {
  const [one, two] = bank.regions;
  const shop = callers.client('shop', one);
  const teller = callers.client('teller', two);
  const inOne = stepsThrough(shop, one.region);
  const { joe, till, wallet } = ACCOUNTS;
  const requests = Object.keys(OPERATIONS).length + 1;
  const turnedAway = (does: string, call: () => Promise<Moved | Balance>): Step => ({
    does,
    act: () => answerOf(call),
    expected: 'not_authorized',
  });
  const deposit = (client: BankClient) => client.deposit(joe, 5, { signal });
  return [
    inOne(`shop, which may deposit to wallet-*, deposits 5 to ${wallet}`, 5, () =>
      shop.deposit(wallet, 5, { signal }),
    ),
    inOne(`shop, which may transfer from wallet-* to ${till}, transfers 4 to ${till}`, 1, () =>
      shop.transfer(wallet, till, 4, { signal }),
    ),
    turnedAway(`shop transfers 1 to ${joe}`, () => shop.transfer(wallet, joe, 1, { signal })),
    turnedAway(`shop withdraws 5 from ${wallet}`, () => shop.withdraw(wallet, 5, { signal })),
    turnedAway(`shop deposits 5 to ${joe}`, () => deposit(shop)),
    turnedAway(`shop asks for the balance of ${wallet}`, () => shop.balance(wallet, { signal })),
    {
      does: 'shop asks for the list of accounts',
      act: () => accountsOf(shop, signal),
      expected: 'not_authorized',
    },
    {
      does: 'teller asks for it',
      act: () => accountsOf(teller, signal),
      expected: Object.values(ACCOUNTS).sort().join(', '),
    },
    turnedAway(`teller, whom everything was granted that "all" stands for, freezes ${joe}`, () =>
      teller.setStatus(joe, { debits: 'frozen' }, { signal }),
    ),
    turnedAway(`risk, which may freeze accounts, deposits 5 to ${joe}`, () =>
      deposit(callers.client('risk', one)),
    ),
    turnedAway(`stranger, whom nothing was granted, deposits 5 to ${joe}`, () =>
      deposit(callers.client('stranger', two)),
    ),
    {
      does: 'every request of the contract in both Regions, and one that is not in it, unsigned',
      act: () => askUnsigned(bank, signal),
      expected: `${2 * requests} times 403`,
    },
    stepsThrough(teller, two.region)(`the balance of ${joe}`, 2070, () => teller.balance(joe, { signal })),
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
