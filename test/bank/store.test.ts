import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { expect, test } from 'vitest';
import { createBank } from '../../functions/bank/bank.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { Asked } from '../../functions/bank/entry.ts';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { createClient, DEFAULT_CLIENT_LIMITS } from '../../functions/dynamodb/client.ts';
import { Connection } from '../../functions/dynamodb/connection.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { MemoryStore } from '../../functions/memory/store.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { depositOf, intentOf, statusOf, transferOf } from '../support/asked.ts';
import { beforeAppend } from '../support/before-append.ts';
import { createTestTables, patient } from '../support/dynamodb-lab.ts';
import { seedOf } from '../support/seed.ts';
import { steps } from './steps.ts';

/** The SDK would repeat a write that a busy machine answers late, and get a replay. */
const LIMITS = { ...DEFAULT_CLIENT_LIMITS, requestTimeoutMs: 30_000 };

const now = { ms: Date.UTC(2026, 10, 1) };

const tables = await createTestTables();
Object.assign(process.env, awsEnvironment(tables.endpoint, 'us-east-1'));
const store = createStore(
  new Connection(createClient({ region: 'us-east-1', endpoint: tables.endpoint, limits: LIMITS })),
  tables,
  () => now.ms,
);

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

/** A bank on a store, whose function dies at a write of an entry when it is armed. */
function sideOn(store: Store) {
  const armed: { diesAt: number | undefined } = { diesAt: undefined };
  const mortal = beforeAppend(store, () => {
    if (armed.diesAt !== undefined) {
      armed.diesAt -= 1;
    }
    if (armed.diesAt === 0) {
      throw new StoreUnavailableError('unknown', 'died');
    }
  });
  const parts = { store: mortal, nowMs: () => now.ms, keysNotBeforeMs: 0 };
  return { armed, parts, bank: createBank(parts) };
}

type Side = ReturnType<typeof sideOn>;

/** The result of a promise, so that errors are compared as well. */
function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => {
    if (!(error instanceof StoreUnavailableError)) {
      throw error;
    }
    return { executed: error.executed, reason: error.reason };
  });
}

test('DynamoDB and the model say the same of every call, and hold the same books', async () => {
  let turned = 0;
  const names: string[] = [];
  const kinds = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(3), async (script, chance) => {
      const isRich = chance > 0;
      const account = `a-${randomUUID()}`;
      const payees = ['poor', 'full', 'frozen', 'nobody'].map((name) => `${account}-${name}`);
      const model = new MemoryStore(() => now.ms);
      const sides = [sideOn(store), sideOn(model)] as const;
      const past: Intent[] = [];
      const holds: string[] = [];
      const both = async (act: (side: Side) => Promise<unknown>) => {
        const [real, modelled] = [await settled(act(sides[0])), await settled(act(sides[1]))];
        expect(real).toEqual(modelled);
      };
      const execute = (intent: Intent, diesAt?: number) =>
        both(async ({ bank, armed }) => {
          armed.diesAt = diesAt;
          try {
            const { answer, remaining } = await bank.execute(intent, patient());
            return { answer, left: remaining === undefined ? undefined : await settled(remaining.done) };
          } finally {
            armed.diesAt = undefined;
          }
        });
      const picked = (pick: number) => past[pick % Math.max(1, past.length)];
      const fresh = (ageMs: number) => v7({ msecs: now.ms - ageMs });
      let credit = fresh(0);
      const pick = {
        hold: (pick: number) => holds[pick % Math.max(1, holds.length)] ?? fresh(0),
        payee: (pick: number) => String(payees[pick % payees.length]),
        // One of the last, so that several refund the same call.
        call: (pick: number) => (pick % 3 === 0 ? credit : (past.at(-1 - (pick % 6))?.key ?? fresh(0))),
      };
      const prepare = (name: string, asked: Asked) =>
        execute(intentOf({ account: name, key: fresh(0) }, asked, false));
      for (const [index, amount] of [1n, 999_999_999_999_980n, 1n].entries()) {
        await prepare(pick.payee(index), depositOf(amount));
      }
      await prepare(pick.payee(2), statusOf({ credits: 'frozen' }));
      if (isRich) {
        await prepare(account, depositOf(1000));
      }
      await prepare(pick.payee(1), transferOf(account, 90));
      credit = model.head(account).entries.at(-1)?.key ?? credit;
      for (const step of script) {
        now.ms += 1;
        switch (step.kind) {
          case 'call': {
            const { makeCall, mayRetry, ageMs, diesAt } = step;
            const asked = makeCall(pick);
            const intent = intentOf({ account, key: fresh(ageMs) }, asked, mayRetry);
            past.push(intent);
            if (asked.operation === 'hold') {
              holds.splice(3, 1, intent.key);
            }
            await execute(intent, diesAt);
            break;
          }
          case 'cancel_new': {
            const intent: Intent = { kind: 'cancel', account, key: fresh(step.ageMs), mayRetry: true };
            past.push(intent);
            await execute(intent);
            break;
          }
          case 'later':
            now.ms += step.ms;
            break;
          case 'sweep':
            for (const { parts } of sides) {
              await sweep(parts, patient(), (name, error) => {
                throw new Error(`${name} was not swept`, { cause: error });
              });
            }
            break;
          default: {
            const intent = picked(step.pick);
            if (intent === undefined) {
              break;
            }
            if (step.kind === 'again') {
              await execute(intent);
            }
            if (step.kind === 'other') {
              await execute({ ...intent, kind: 'execute', asked: step.makeCall(pick) });
            }
            if (step.kind === 'cancel') {
              await execute({ ...intent, kind: 'cancel' });
            }
            if (step.kind === 'outcome') {
              await both(({ bank }) => bank.outcome(intent, patient()));
            }
            if (step.kind === 'acknowledge') {
              await both(({ bank }) => bank.acknowledge(intent, patient()));
            }
          }
        }
        await both(({ bank }) => bank.balance(account, patient()));
        await both(({ bank }) => bank.holds(account, patient()));
      }
      for (const name of [account, ...payees]) {
        const head = await store.readHead(name, patient());
        expect(head).toEqual(model.head(name));
        const pages = await model.readPages(name, { from: 0, limit: 100 });
        expect(await store.readPages(name, { from: 0, limit: 100 }, patient())).toEqual(pages);
        turned += pages.length;
        names.push(name);
        for (const { body } of [...pages.flatMap(({ entries }) => entries), ...head.entries]) {
          const kind = body.kind === 'executed' ? body.asked.operation : body.kind;
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        }
      }
    }),
    { seed: seedOf('book against model'), numRuns: 16, endOnFailure: true },
  );
  expect(turned).toBeGreaterThan(2);
  // Another seed may leave a rare kind out.
  if (process.env['TEST_SEED'] === undefined) {
    expect(Object.fromEntries(kinds), 'every kind of entry was written').toMatchObject(
      Object.fromEntries(EVERY_KIND.map((kind) => [kind, expect.any(Number)])),
    );
  }

  // Sweeps have ended transfers of earlier scripts meanwhile.
  const balances = new Map<string, bigint>();
  for (const name of names) {
    const { balanceMinor } = await store.readHead(name, patient());
    if (balanceMinor !== undefined) {
      balances.set(name, balanceMinor);
    }
  }
  for (const limit of [1, 5, 100]) {
    expect(await listed(limit)).toEqual(balances);
  }
});

const EVERY_KIND = [
  ...['deposit', 'withdraw', 'transfer', 'credit', 'hold', 'capture', 'void', 'setStatus', 'refund'],
  ...['refused', 'cancelled', 'settled', 'returned', 'refunded', 'expired'],
];
