import { type BankClient, mintKey, RefusedError } from '../../client/index.ts';
import { ACCOUNTS, type Step, stepsThrough, type World } from './step.ts';

/** Four callers, as many as two cores can bear: each one more is one more process of the emulator. */
const WITHDRAWALS_OF_A_CALLER = 10;

/** Steps about money, on accounts that both Regions write. `key` is that of the withdrawal, for later steps. */
export function moneySteps({ bank, callers, signal }: World, key: string): readonly Step[] {
  const [one, two] = bank.regions;
  const first = callers.client('teller', one);
  const second = callers.client('teller', two);
  const inOne = stepsThrough(first, one.region);
  const inTwo = stepsThrough(second, two.region);
  const riskInOne = stepsThrough(callers.client('risk', one), one.region);
  const { joe, till } = ACCOUNTS;
  const [refused, sold] = [mintKey(), mintKey()];
  const withdraw30 = (client: BankClient) => client.withdraw(joe, 30, { key, signal });
  const withdraw1234 = (client: BankClient) => client.withdraw(joe, 1234, { key: refused, signal });
  const balance = (client: BankClient) => client.balance(joe, { signal });
  const takeOne = (client: BankClient) => client.withdraw(till, 1, { signal });
  const refund = (amount?: number) => (client: BankClient) =>
    client.refund(till, sold, { ...(amount === undefined ? {} : { amount }), signal });
  return [
    inOne(`deposit 100 to ${joe}`, 100, (client) => client.deposit(joe, 100, { signal })),
    inTwo('the balance', 100, balance),
    inTwo('withdraw 30', 70, withdraw30),
    inOne('the same key again', 70, withdraw30),
    inOne('withdraw 1234', 'not_enough_money', withdraw1234),
    inOne('deposit 2000', 2070, (client) => client.deposit(joe, 2000, { signal })),
    inTwo('the refused key again, now that there is money,', 'not_enough_money', withdraw1234),
    inTwo('the balance', 2070, balance),
    {
      does: 'a deposit and two withdrawals in one batch',
      act: async () => {
        const calls = [first.deposit(joe, 3), first.withdraw(joe, 1), first.withdraw(joe, 2)];
        return (await Promise.all(calls)).map(({ balance: after }) => after).join(', ');
      },
      expected: '2073, 2072, 2070',
    },
    inTwo(`deposit 103 to ${till}`, 103, (client) => client.deposit(till, 103, { signal })),
    inOne('withdraw 3 from it', 100, (client) => client.withdraw(till, 3, { key: sold, signal })),
    {
      does: `4 callers, 2 in each Region, withdraw 7 from ${till}, ${WITHDRAWALS_OF_A_CALLER} times each`,
      act: () => withdrawAtOnce([first, second, first, second], till, signal),
      expected: '14 paid, 26 not_enough_money',
    },
    inOne('what is left of it', 2, (client) => client.balance(till, { signal })),
    riskInOne(`risk, which may freeze accounts, freezes debits of ${till}`, 2, (risk) =>
      risk.setStatus(till, { debits: 'frozen' }, { signal }),
    ),
    inTwo(`withdraw 1 from ${till}`, 'account_frozen', takeOne),
    riskInOne(`risk opens debits of ${till}`, 2, (risk) =>
      risk.setStatus(till, { debits: 'open' }, { signal }),
    ),
    inTwo(`withdraw 1 from ${till}`, 1, takeOne),
    inOne('refund 1 of the 3, now that their page is turned,', 2, refund(1)),
    inTwo('refund the rest', 4, refund()),
    inOne('refund 1 more', 'refund_exceeded', refund(1)),
    inOne(`transfer 5 from ${joe} to ${till}`, 2065, (client) => client.transfer(joe, till, 5, { signal })),
    inTwo(`${till} gives 2 of it back`, 7, async (client) =>
      client.refund(till, await lastCredit(first, till, signal), { amount: 2, signal }),
    ),
    inOne(`${till} gives the rest back`, 4, async (client) =>
      client.refund(till, await lastCredit(second, till, signal), { signal }),
    ),
    inTwo(`the balance of ${joe}`, 2070, balance),
  ];
}

/** The key of the newest credit in a statement, under which what a transfer brought can be refunded. */
async function lastCredit(client: BankClient, account: string, signal: AbortSignal): Promise<string> {
  for await (const { type, key } of client.entries(account, { signal })) {
    if (type === 'credit') {
      return key;
    }
  }
  throw new Error(`${account} has received no transfer`);
}

async function withdrawAtOnce(
  clients: readonly BankClient[],
  account: string,
  signal: AbortSignal,
): Promise<string> {
  const counts = { paid: 0, refused: 0 };
  const withdraw = async (client: BankClient) => {
    try {
      await client.withdraw(account, 7, { signal });
      counts.paid += 1;
    } catch (error) {
      if (!(error instanceof RefusedError && error.code === 'not_enough_money')) {
        throw error;
      }
      counts.refused += 1;
    }
  };
  await Promise.all(
    clients.map(async (client) => {
      for (let each = 0; each < WITHDRAWALS_OF_A_CALLER; each += 1) {
        await withdraw(client);
      }
    }),
  );
  return `${counts.paid} paid, ${counts.refused} not_enough_money`;
}
