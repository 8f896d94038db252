import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KEPT_ENTRIES, TRANSFER_DUE_MS } from '../../functions/bank/limits.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import { createHandlerLab, type Death, refusal } from '../support/handler-lab.ts';
import { warningsOf } from '../support/promises.ts';

const labs = await createHandlerLab();

const pay = (from: string, to: string, amount: number, key = labs.mint(), by?: ApiHandler) =>
  labs.move(from, `transfers/${to}`, amount, key, by);

describe('a transfer', () => {
  test('moves the money, and both statements show it', async () => {
    const [joe, ann] = [await labs.accountWith(100), await labs.accountWith(5)];
    const key = labs.mint();
    const answer = await labs.post(
      `/accounts/${joe}/transfers/${ann}`,
      { amount: '30', reference: 'rent' },
      key,
    );
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      account: joe,
      key,
      balance: '70',
      sequence: 2,
      at: expect.any(String),
      to: ann,
    });
    expect(await labs.balances(joe, ann)).toEqual(['70/0', '35/0']);
    const [, paid, settled] = await labs.statement(joe);
    expect(paid).toMatchObject({
      type: 'transfer',
      key,
      amount: '30',
      change: '-30',
      heldChange: '30',
      other: ann,
      transfer: key,
      reference: 'rent',
    });
    expect(settled).toMatchObject({
      type: 'settled',
      change: '0',
      heldChange: '-30',
      other: ann,
      transfer: key,
    });
    const [, credit] = await labs.statement(ann);
    expect(credit).toMatchObject({
      type: 'credit',
      change: '30',
      other: joe,
      transfer: key,
      reference: 'rent',
    });
    expect(credit.key).toBe(settled.key);
    expect(credit).not.toHaveProperty('heldChange');
  });

  test.each([
    ['the payer has too little', 'not_enough_money', 200],
    ['the payee does not exist', 'no_such_destination', 20],
  ] as const)('is refused when %s, nothing has moved, and it stays refused', async (_, code, amount) => {
    const joe = await labs.accountWith(100);
    const ann = code === 'no_such_destination' ? `account-${randomUUID()}` : await labs.accountWith(1);
    const key = labs.mint();
    const first = await pay(joe, ann, amount, key);
    expect(first).toMatchObject(refusal(code));
    expect(await labs.money(joe)).toEqual(['100', '0']);
    await labs.move(ann, 'deposits', 1);
    await labs.move(joe, 'deposits', 500);
    expect((await pay(joe, ann, amount, key)).body).toBe(first.body);
    expect((await labs.outcome(joe, key)).json).toMatchObject({ status: first.status, body: { code } });
    expect(await labs.money(joe)).toEqual(['600', '0']);
  });

  test('comes back when the payee would have too much', async () => {
    const [joe, ann] = [await labs.accountWith(100), await labs.accountWith(999_999_999_999_990)];
    const key = labs.mint();
    expect(await pay(joe, ann, 10, key)).toMatchObject(refusal('balance_too_large'));
    const [, paid, returned] = await labs.statement(joe);
    expect(paid).toMatchObject({ type: 'transfer', change: '-10', heldChange: '10', balance: '90' });
    expect(returned).toMatchObject({
      type: 'returned',
      code: 'balance_too_large',
      change: '10',
      heldChange: '-10',
      transfer: key,
      balance: '100',
    });
    expect((await labs.statement(ann))[1]).toMatchObject({
      type: 'refused',
      code: 'balance_too_large',
      change: '0',
    });
  });

  test('comes back into a payer that is full by then', async () => {
    const joe = await labs.accountWith(10);
    const nobody = `account-${randomUUID()}`;
    const key = labs.mint();
    await labs.dying({ at: 2, when: 'before' }, (by) => pay(joe, nobody, 10, key, by)).died;
    await labs.move(joe, 'deposits', 999_999_999_999_999);
    expect(await pay(joe, nobody, 10, key)).toMatchObject(refusal('no_such_destination'));
    expect(await labs.money(joe)).toEqual(['1000000000000009', '0']);
  });

  test('to itself is a bad request, and a payer that does not exist is refused', async () => {
    const joe = await labs.accountWith(10);
    expect(await pay(joe, joe, 1)).toMatchObject(refusal('bad_request'));
    const nobody = `account-${randomUUID()}`;
    expect(await pay(nobody, joe, 1)).toMatchObject(refusal('no_such_account'));
  });

  test('has a key that no other call can use', async () => {
    const [joe, ann] = [await labs.accountWith(100), await labs.accountWith(1)];
    const key = labs.mint();
    await pay(joe, ann, 5, key);
    expect(await pay(joe, ann, 6, key)).toMatchObject(refusal('key_reused'));
    expect(await pay(joe, await labs.accountWith(1), 5, key)).toMatchObject(refusal('key_reused'));
    const deposit = await labs.move(joe, 'deposits', 5, key);
    expect(deposit.json).toMatchObject({ code: 'key_reused' });
    expect(await labs.money(joe)).toEqual(['95', '0']);
  });
});

/** Deaths in a transfer to an account that exists: it is three writes. */
const DEATHS = [
  { at: 1, when: 'after' },
  { at: 2, when: 'before' },
  { at: 2, when: 'after' },
  { at: 3, when: 'before' },
  { at: 3, when: 'after' },
] as const;

describe('a transfer whose function died', () => {
  /** Begins a transfer of 10 in a function that dies. */
  async function begin(death: Death, to: string) {
    const joe = await labs.accountWith(100);
    const key = labs.mint();
    await labs.dying(death, (by) => pay(joe, to, 10, key, by)).died;
    return { joe, key };
  }

  test.each(DEATHS)(
    '$when write $at goes on from there when it is retried in the other Region',
    async (death) => {
      const ann = await labs.accountWith(1);
      const { joe, key } = await begin(death, ann);
      const retried = await pay(joe, ann, 10, key, labs.other);
      expect(retried).toMatchObject({ status: 200, json: { balance: '90', to: ann } });
      expect((await pay(joe, ann, 10, key)).body).toBe(retried.body);
      expect(await labs.balances(joe, ann)).toEqual(['90/0', '11/0']);
    },
  );

  test.each(DEATHS)('$when write $at is ended by the sweep when no caller retries it', async (death) => {
    const ann = await labs.accountWith(1);
    const { joe, key } = await begin(death, ann);
    // The credit decides, also before the payer's book has the end.
    const isPending = death.at === 1 || (death.at === 2 && death.when === 'before');
    expect(await labs.outcome(joe, key)).toMatchObject(
      isPending
        ? { status: 202, json: { key, outcome: 'pending' } }
        : { status: 200, json: { status: 200, body: { balance: '90' } } },
    );
    await labs.sweep();
    expect((await labs.outcome(joe, key)).status, 'it is too young for the sweep').toBe(
      isPending ? 202 : 200,
    );
    labs.lab.now.ms += TRANSFER_DUE_MS;
    await labs.sweep();
    expect(await labs.outcome(joe, key)).toMatchObject({
      status: 200,
      json: { status: 200, body: { balance: '90' } },
    });
    expect(await labs.balances(joe, ann)).toEqual(['90/0', '11/0']);
    expect(await labs.lab.item(joe)).not.toHaveProperty('dueAt');
    expect(await labs.lab.item(joe)).not.toHaveProperty('open');
  });

  // The credit is tried first, then its refusal is written, then the return.
  test.each([
    { at: 2, when: 'after', isRefused: false },
    { at: 3, when: 'before', isRefused: false },
    { at: 3, when: 'after', isRefused: true },
    { at: 4, when: 'before', isRefused: true },
    { at: 4, when: 'after', isRefused: true },
  ] as const)(
    '$when write $at follows the book of its payee, which is opened then (refused: $isRefused)',
    async ({ isRefused, ...death }) => {
      const ann = `account-${randomUUID()}`;
      const { joe, key } = await begin(death, ann);
      await labs.move(ann, 'deposits', 1);
      labs.lab.now.ms += TRANSFER_DUE_MS;
      await labs.sweep();
      expect(await labs.balances(joe, ann)).toEqual(isRefused ? ['100/0', '1/0'] : ['90/0', '11/0']);
      expect((await labs.outcome(joe, key)).json.status).toBe(isRefused ? 404 : 200);
    },
  );

  test('is driven to its end by a cancellation, which says how it ended', async () => {
    const ann = await labs.accountWith(1);
    const { joe, key } = await begin({ at: 1, when: 'after' }, ann);
    const cancelled = await labs.cancel(joe, key);
    expect(cancelled.json).toMatchObject({
      key,
      outcome: 'answered',
      reply: { status: 200, body: { to: ann } },
    });
    expect(await labs.money(ann)).toEqual(['11', '0']);
  });
});

describe('an old transfer', () => {
  test('is answered with the same bytes once all of its entries are on pages', async () => {
    const [joe, ann] = [await labs.accountWith(100), await labs.accountWith(1)];
    const nobody = `account-${randomUUID()}`;
    const [paid, returned] = [labs.mint(), labs.mint()];
    const first = [await pay(joe, ann, 10, paid), await pay(joe, nobody, 10, returned)];
    await labs.turnPages(joe);
    const again = [await pay(joe, ann, 10, paid), await pay(joe, nobody, 10, returned)];
    expect(again.map(({ body }) => body)).toEqual(first.map(({ body }) => body));
    expect(again.map(({ headers }) => headers['idempotent-replayed'])).toEqual(['true', 'true']);
    expect(await labs.money(ann)).toEqual(['11', '0']);
  });

  test('that is still under way goes on, although pages were turned over it on both sides', async () => {
    const [joe, ann] = [await labs.accountWith(100), await labs.accountWith(1)];
    const key = labs.mint();
    await labs.dying({ at: 2, when: 'after' }, (by) => pay(joe, ann, 10, key, by)).died;
    await labs.turnPages(joe);
    await labs.turnPages(ann);
    expect((await labs.statement(joe)).some(({ type }) => type === 'settled')).toBe(false);
    expect((await labs.outcome(joe, key)).json).toMatchObject({ status: 200, body: { balance: '90' } });
    expect(await pay(joe, ann, 10, key)).toMatchObject({ status: 200, json: { balance: '90' } });
    expect(await labs.money(ann)).toEqual([String(11 + 2 * KEPT_ENTRIES), '0']);
    expect(await labs.money(joe)).toEqual([String(90 + 2 * KEPT_ENTRIES), '0']);
  });
});

describe('many transfers', () => {
  test('of one key from two Regions at once move the money once', async () => {
    const [joe, ann] = [await labs.accountWith(100), await labs.accountWith(1)];
    const key = labs.mint();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, each) => pay(joe, ann, 10, key, each % 2 === 0 ? labs.other : undefined)),
    );
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    labs.lab.now.ms += TRANSFER_DUE_MS;
    await labs.sweep();
    expect(await labs.balances(joe, ann)).toEqual(['90/0', '11/0']);
  });

  test('in a ring of accounts that all pay each other at once lose nothing', async () => {
    const ring = await Promise.all(Array.from({ length: 5 }, () => labs.accountWith(50)));
    const answers = await Promise.all(
      ring.flatMap((from) => ring.filter((to) => to !== from).map((to) => pay(from, to, 11))),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(10);
    labs.lab.now.ms += TRANSFER_DUE_MS;
    await labs.sweep();
    const all = await Promise.all(ring.map((account) => labs.money(account)));
    expect(all.reduce((sum, [balance]) => sum + Number(balance), 0)).toBe(250);
    expect(all.every(([, held]) => held === '0')).toBe(true);
  });

  test('are refused for the moment when a hundred are under way', async () => {
    const [joe, ann] = [await labs.accountWith(1000), await labs.accountWith(1)];
    for (let count = 0; count < 100; count += 1) {
      await labs.dying({ at: 1, when: 'after' }, (by) => pay(joe, ann, 1, labs.mint(), by)).died;
    }
    const key = labs.mint();
    expect(await pay(joe, ann, 1, key)).toMatchObject({
      status: 503,
      json: { code: 'unavailable', executed: false, detail: expect.stringContaining('100 transfers') },
    });
    const hold = await labs.move(joe, 'holds', 1);
    expect(hold.status, 'holds have a limit of their own').toBe(200);
    labs.lab.now.ms += TRANSFER_DUE_MS;
    expect(await labs.sweep()).toMatchObject({ transfers: 100, failed: 0 });
    expect((await pay(joe, ann, 1, key)).status).toBe(200);
    expect(await labs.balances(joe, ann)).toEqual(['898/1', '102/0']);
  });

  test('are looked for in all shards at once, and Node warns of no leak', async () => {
    expect(await warningsOf(labs.sweep)).toEqual([]);
  });
});
