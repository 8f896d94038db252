import { functionNames } from '../../infra/names.ts';
import { ACCOUNTS, answerOf, patiently, type Step, type World } from './step.ts';

/**
 * Steps in which a Region fails, and recovers. It fails because its function may not run, a change that affects nothing else.
 */
export function failoverSteps({ aws, bank, callers, signal }: World): readonly Step[] {
  const [one, two] = bank.regions;
  const both = callers.client('teller', one, two);
  const { joe } = ACCOUNTS;
  const concurrency = {
    service: 'lambda',
    region: one.region,
    path: `/2017-10-31/functions/${functionNames(bank.name).api}/concurrency`,
  };
  return [
    {
      does: 'deposit 10 through a client that knows both Regions',
      act: () => answerOf(() => both.deposit(joe, 10, { signal })),
      expected: `2080 from ${one.region}`,
    },
    {
      does: `the function of ${one.region} fails`,
      act: () =>
        aws
          .send({ ...concurrency, method: 'PUT', body: JSON.stringify({ ReservedConcurrentExecutions: 0 }) })
          .then(() => 'done'),
      expected: 'done',
    },
    {
      does: 'deposit 20',
      act: () => answerOf(() => both.deposit(joe, 20, { signal })),
      expected: `2100 from ${two.region}`,
    },
    {
      does: 'withdraw 100',
      act: () => answerOf(() => both.withdraw(joe, 100, { signal })),
      expected: `2000 from ${two.region}`,
    },
    {
      does: `the function of ${one.region} is whole again`,
      act: () => aws.send({ ...concurrency, method: 'DELETE' }).then(() => 'done'),
      expected: 'done',
    },
    {
      does: 'the balance, until the client has found its way back',
      act: () =>
        patiently(() => answerOf(() => both.balance(joe, { signal })), `2000 from ${one.region}`, signal),
      expected: `2000 from ${one.region}`,
    },
  ];
}
