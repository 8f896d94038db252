import { type BankClient, type KeyOutcome, mintKey, type OutcomeSoFar } from '../../client/index.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { keyAt } from '../support/keys.ts';
import { ACCOUNTS, answerOf, type Step, stepsThrough, type World } from './step.ts';

/** As many as it takes to have a page turned. */
const DEPOSITS = 2 * KEPT_ENTRIES;

/** Steps about recorded replies, which take the function to its pages and its cache. `key` is that of the withdrawal. */
export function recordedReplySteps({ bank, callers, signal }: World, key: string): readonly Step[] {
  const [one, two] = bank.regions;
  const first = callers.client('teller', one);
  const second = callers.client('teller', two);
  const { joe, jar } = ACCOUNTS;
  const cancelled = mintKey();
  const startMs = Date.now() - 60 * 60_000;
  const oldKeys = Array.from({ length: DEPOSITS }, (_, index) => keyAt(startMs + index));
  const [oldest = ''] = oldKeys;
  const again = (client: BankClient) => client.deposit(jar, 1, { key: oldest, signal });
  const inOne = stepsThrough(first, one.region);
  const inTwo = stepsThrough(second, two.region);
  return [
    {
      does: `ask ${one.region} for the outcome of the withdrawal`,
      act: async () => formatOutcome(await first.outcome(joe, key, { signal })),
      expected: `executed, 70 from ${one.region}`,
    },
    {
      does: `cancel a new key through ${one.region}`,
      act: async () => formatOutcome(await first.cancel(joe, cancelled, { signal })),
      expected: `cancelled from ${one.region}`,
    },
    inTwo('deposit 5 with that key', 'cancelled', () => second.deposit(joe, 5, { key: cancelled, signal })),
    {
      does: `deposit 1 to ${jar} through ${one.region}, with ${DEPOSITS} keys of an hour ago`,
      act: () => depositOften(first, jar, oldKeys, signal),
      expected: `${DEPOSITS} from ${one.region}`,
    },
    inTwo('the oldest of them again, now that its page is turned,', 1, again),
    {
      does: `acknowledge it through ${two.region}`,
      act: () => second.acknowledge(jar, oldest, { signal }).then(() => 'done'),
      expected: 'done',
    },
    inOne('once more, from the page alone,', 1, again),
    {
      does: `the statement of ${jar} through ${two.region}, oldest first`,
      act: () => statement(second, jar, signal),
      expected: Array.from({ length: DEPOSITS }, (_, index) => `${index + 1}: ${index + 1}`).join(', '),
    },
  ];
}

function formatOutcome(outcome: KeyOutcome | OutcomeSoFar): string {
  switch (outcome.outcome) {
    case 'executed':
      return `executed, ${outcome.balance} from ${outcome.region}`;
    case 'none':
      return 'none';
    default:
      return `${outcome.outcome} from ${outcome.region}`;
  }
}

/** Returns the number of each entry and the balance after it. */
async function statement(client: BankClient, account: string, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  for await (const { sequence, balance } of client.entries(account, { after: 0, signal })) {
    lines.push(`${sequence}: ${balance}`);
  }
  return lines.join(', ');
}

/** Deposits 1 with each of the keys, and returns the last answer. */
async function depositOften(
  client: BankClient,
  account: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  let answer = '';
  for (const key of keys) {
    answer = await answerOf(() => client.deposit(account, 1, { key, signal }));
  }
  return answer;
}
