import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { beforeAll, expect, test } from 'vitest';
import { type Bank, createBank } from '../../functions/bank/bank.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { Store } from '../../functions/bank/store.ts';
import { createClient } from '../../functions/dynamodb/client.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { BookModel } from '../support/book-model.ts';
import { seedOf } from '../support/seed.ts';
import { createTestTables } from '../support/tables.ts';

const DAY_MS = 24 * 60 * 60_000;
const patient = () => AbortSignal.timeout(30_000);
const now = { ms: Date.UTC(2026, 10, 1) };
let store: Store;

beforeAll(async () => {
  const tables = await createTestTables();
  Object.assign(process.env, awsEnvironment(tables.endpoint, 'us-east-1'));
  store = createStore(createClient({ region: 'us-east-1', endpoint: tables.endpoint }), tables, () => now.ms);
});

/** A bank, and what it answers in the order in which it is asked. */
function bankOn(side: Store): Bank {
  return createBank({ store: side, randomBytes, nowMs: () => now.ms, keysNotBeforeMs: 0 });
}

/** All accounts that the store lists, a few at a time. */
async function listed(limit: number): Promise<Map<string, bigint>> {
  const found: [string, bigint][] = [];
  let after: string | undefined;
  do {
    const { accounts, next } = await store.listAccounts({ after, limit }, patient());
    expect(accounts.length).toBeLessThanOrEqual(limit);
    found.push(...accounts.map(({ account, balanceMinor }): [string, bigint] => [account, balanceMinor]));
    after = next;
  } while (after !== undefined);
  const map = new Map(found);
  expect(map.size).toBe(found.length);
  return map;
}

function withBalance(balances: ReadonlyMap<string, bigint | undefined>) {
  return new Map([...balances].filter(([, balance]) => balance !== undefined));
}

const amounts = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(999_999_999_999_990));
const asked = fc.record({
  operation: fc.constantFrom('deposit' as const, 'withdraw' as const),
  amountMinor: amounts.map(BigInt),
  reference: fc.option(fc.stringMatching(/^[!-~]([ -~]{0,8}[!-~])?$/), { nil: undefined, freq: 4 }),
  mustExist: fc.boolean(),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant('call' as const),
        asked,
        ageMs: fc.constantFrom(0, 0, 0, 60_000, 10 * DAY_MS, 31 * DAY_MS),
        mayReturn: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('again' as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('other' as const), pick: fc.nat(), asked }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('cancel_new' as const),
        ageMs: fc.constantFrom(0, 20 * DAY_MS),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('outcome' as const), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), pick: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('later' as const),
        ms: fc.constantFrom(1000, 60_000, DAY_MS),
      }),
    },
  ),
  { minLength: 30, maxLength: 120 },
);

test('DynamoDB and the model say the same of every call, and hold the same book', async () => {
  let turned = 0;
  const balances = new Map<string, bigint | undefined>();
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const account = `a-${randomUUID()}`;
      const model = new BookModel(() => now.ms);
      const sides = [bankOn(store), bankOn(model)] as const;
      const past: Intent[] = [];
      const both = async (act: (bank: Bank) => Promise<unknown>) => {
        const [real, modelled] = [await act(sides[0]), await act(sides[1])];
        expect(real).toEqual(modelled);
      };
      const execute = (intent: Intent) =>
        both(async (bank) => {
          const { answer, turning } = await bank.execute(intent, patient());
          await turning?.done;
          return answer;
        });
      const picked = (pick: number) => past[pick % Math.max(1, past.length)];
      const fresh = (ageMs: number) => v7({ msecs: now.ms - ageMs });
      for (const step of script) {
        now.ms += 1;
        switch (step.kind) {
          case 'call': {
            const { asked, mayReturn, ageMs } = step;
            const intent: Intent = { kind: 'execute', account, key: fresh(ageMs), asked, mayReturn };
            past.push(intent);
            await execute(intent);
            break;
          }
          case 'cancel_new': {
            const intent: Intent = { kind: 'cancel', account, key: fresh(step.ageMs), mayReturn: true };
            past.push(intent);
            await execute(intent);
            break;
          }
          case 'later':
            now.ms += step.ms;
            break;
          default: {
            const intent = picked(step.pick);
            if (intent === undefined) break;
            if (step.kind === 'again') await execute(intent);
            if (step.kind === 'other') await execute({ ...intent, kind: 'execute', asked: step.asked });
            if (step.kind === 'cancel') await execute({ ...intent, kind: 'cancel' });
            if (step.kind === 'outcome') await both((bank) => bank.outcome(intent, patient()));
            if (step.kind === 'acknowledge') await both((bank) => bank.acknowledge(intent, patient()));
          }
        }
        await both((bank) => bank.balance(account, patient()));
      }
      expect(await store.readHead(account, patient())).toEqual(model.head(account));
      const pages = await model.readPages(account, { from: 0, limit: 100 });
      expect(await store.readPages(account, { from: 0, limit: 100 }, patient())).toEqual(pages);
      turned += pages.length;
      balances.set(account, model.head(account).balanceMinor);
    }),
    { seed: seedOf('book against model'), numRuns: 12, endOnFailure: false },
  );
  expect(turned).toBeGreaterThan(5);

  for (const limit of [1, 5, 100]) expect(await listed(limit)).toEqual(withBalance(balances));
});
