import { type BankClient, type KeyOutcome, mintKey, type OutcomeSoFar } from '../../client/index.ts';
import { ARCHIVE_AGE_MS, ARCHIVE_BATCH } from '../../functions/core/limits.ts';
import { keyAt } from '../support/keys.ts';
import { answerOf, type Step } from './step.ts';
import { ACCOUNTS, type World } from './world.ts';

/**
 * Steps about what the bank remembers, which take the functions to everything else that their roles allow. `key` is that
 * of the withdrawal. One reply that could be archived is left over, for the sweep.
 */
export function memorySteps({ bank, callers, signal }: World, key: string): readonly Step[] {
  const [one, two] = bank.regions;
  const first = callers.client('teller', one);
  const second = callers.client('teller', two);
  const { joe, jar } = ACCOUNTS;
  const cancelled = mintKey();
  const startMs = Date.now() - 2 * ARCHIVE_AGE_MS;
  const oldKeys = Array.from({ length: ARCHIVE_BATCH + 1 }, (_, index) => keyAt(startMs + index));
  const [oldest = ''] = oldKeys;
  return [
    {
      does: `what came of the withdrawal, through ${one.region}`,
      act: async () => tell(await first.outcome(joe, key, { signal })),
      expected: `executed, 70, said ${one.region}`,
    },
    {
      does: `cancel a new key through ${one.region}`,
      act: async () => tell(await first.cancel(joe, cancelled, { signal })),
      expected: `cancelled, said ${one.region}`,
    },
    {
      does: `deposit 5 with that key through ${two.region}`,
      act: () => answerOf(() => second.deposit(joe, 5, { key: cancelled, signal })),
      expected: `cancelled, said ${two.region}`,
    },
    {
      does: `deposit 1 to ${jar} through ${one.region}, with ${oldKeys.length} keys of half an hour ago`,
      act: () => depositOften(first, jar, oldKeys, signal),
      expected: `${oldKeys.length}, said ${one.region}`,
    },
    {
      does: `the oldest of them again through ${two.region}, now that its reply is archived`,
      act: () => answerOf(() => second.deposit(jar, 1, { key: oldest, signal })),
      expected: `1, said ${two.region}`,
    },
  ];
}

function tell(outcome: KeyOutcome | OutcomeSoFar): string {
  switch (outcome.outcome) {
    case 'executed':
      return `executed, ${outcome.balance}, said ${outcome.region}`;
    case 'none':
      return 'none';
    default:
      return `${outcome.outcome}, said ${outcome.region}`;
  }
}

/** Deposits 1 with each of the keys, and tells the last answer. */
async function depositOften(
  client: BankClient,
  account: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  let answer = '';
  for (const key of keys) answer = await answerOf(() => client.deposit(account, 1, { key, signal }));
  return answer;
}
