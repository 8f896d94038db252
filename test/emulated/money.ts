import { type BankClient, mintKey, RefusedError } from '../../client/index.ts';
import { answerOf, type Step } from './step.ts';
import { ACCOUNTS, type World } from './world.ts';

/** Four callers, as many as two cores can bear: each one more is one more process of the emulator. */
const WITHDRAWALS_OF_A_CALLER = 10;

/** Steps about money, on accounts that both Regions write. The second one has the key of what was withdrawn. */
export function moneySteps({ bank, callers, signal }: World, key: string): readonly Step[] {
  const [one, two] = bank.regions;
  const first = callers.client('teller', one);
  const second = callers.client('teller', two);
  const risk = callers.client('risk', one);
  const { joe, till } = ACCOUNTS;
  const refusedKey = mintKey();
  const soldKey = mintKey();
  const withdrawTooMuch = (client: BankClient) =>
    answerOf(() => client.withdraw(joe, 1234, { key: refusedKey, signal }));
  return [
    {
      does: `deposit 100 to ${joe} through ${one.region}`,
      act: () => answerOf(() => first.deposit(joe, 100, { signal })),
      expected: `100, said ${one.region}`,
    },
    {
      does: `the balance through ${two.region}`,
      act: () => answerOf(() => second.balance(joe, { signal })),
      expected: `100, said ${two.region}`,
    },
    {
      does: `withdraw 30 through ${two.region}`,
      act: () => answerOf(() => second.withdraw(joe, 30, { key, signal })),
      expected: `70, said ${two.region}`,
    },
    {
      does: `the same key again through ${one.region}`,
      act: () => answerOf(() => first.withdraw(joe, 30, { key, signal })),
      expected: `70, said ${one.region}`,
    },
    {
      does: `withdraw 1234 through ${one.region}`,
      act: () => withdrawTooMuch(first),
      expected: `not_enough_money, said ${one.region}`,
    },
    {
      does: `deposit 2000 through ${one.region}`,
      act: () => answerOf(() => first.deposit(joe, 2000, { signal })),
      expected: `2070, said ${one.region}`,
    },
    {
      does: `the refused key again through ${two.region}, now that there is money`,
      act: () => withdrawTooMuch(second),
      expected: `not_enough_money, said ${two.region}`,
    },
    {
      does: `the balance through ${two.region}`,
      act: () => answerOf(() => second.balance(joe, { signal })),
      expected: `2070, said ${two.region}`,
    },
    {
      does: `deposit 103 to ${till} through ${two.region}`,
      act: () => answerOf(() => second.deposit(till, 103, { signal })),
      expected: `103, said ${two.region}`,
    },
    {
      does: `withdraw 3 from it through ${one.region}`,
      act: () => answerOf(() => first.withdraw(till, 3, { key: soldKey, signal })),
      expected: `100, said ${one.region}`,
    },
    {
      does: `4 callers, 2 in each Region, withdraw 7 from ${till}, ${WITHDRAWALS_OF_A_CALLER} times each`,
      act: () => withdrawAtOnce([first, second, first, second], till, signal),
      expected: '14 paid, 26 not_enough_money',
    },
    {
      does: 'what is left of it',
      act: () => answerOf(() => first.balance(till, { signal })),
      expected: `2, said ${one.region}`,
    },
    {
      does: `risk, which may freeze accounts, freezes debits of ${till} through ${one.region}`,
      act: () => answerOf(() => risk.setStatus(till, { debits: 'frozen' }, { signal })),
      expected: `2, said ${one.region}`,
    },
    {
      does: `withdraw 1 from ${till} through ${two.region}`,
      act: () => answerOf(() => second.withdraw(till, 1, { signal })),
      expected: `account_frozen, said ${two.region}`,
    },
    {
      does: `risk opens debits of ${till}`,
      act: () => answerOf(() => risk.setStatus(till, { debits: 'open' }, { signal })),
      expected: `2, said ${one.region}`,
    },
    {
      does: `withdraw 1 from ${till} through ${two.region}`,
      act: () => answerOf(() => second.withdraw(till, 1, { signal })),
      expected: `1, said ${two.region}`,
    },
    {
      does: `refund 1 of the 3 through ${one.region}, now that their page is turned`,
      act: () => answerOf(() => first.refund(till, soldKey, { amount: 1, signal })),
      expected: `2, said ${one.region}`,
    },
    {
      does: `refund the rest through ${two.region}`,
      act: () => answerOf(() => second.refund(till, soldKey, { signal })),
      expected: `4, said ${two.region}`,
    },
    {
      does: `refund 1 more through ${one.region}`,
      act: () => answerOf(() => first.refund(till, soldKey, { amount: 1, signal })),
      expected: `refund_exceeded, said ${one.region}`,
    },
    {
      does: `transfer 5 from ${joe} to ${till} through ${one.region}`,
      act: () => answerOf(() => first.transfer(joe, till, 5, { signal })),
      expected: `2065, said ${one.region}`,
    },
    {
      does: `${till} gives 2 of it back through ${two.region}`,
      act: () =>
        answerOf(async () =>
          second.refund(till, await lastCredit(first, till, signal), { amount: 2, signal }),
        ),
      expected: `7, said ${two.region}`,
    },
    {
      does: `${till} gives the rest back through ${one.region}`,
      act: () => answerOf(async () => first.refund(till, await lastCredit(second, till, signal), { signal })),
      expected: `4, said ${one.region}`,
    },
    {
      does: `the balance of ${joe} through ${two.region}`,
      act: () => answerOf(() => second.balance(joe, { signal })),
      expected: `2070, said ${two.region}`,
    },
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
