import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createHandlerLab, refusal } from '../support/handler-lab.ts';

const labs = await createHandlerLab();

const amount = (minor: number) => ({ amount: String(minor) });
const setStatus = (account: string, status: object, key = labs.mint()) =>
  labs.put(`/accounts/${account}/status`, status, key);
const end = (account: string, hold: string, how: string) =>
  labs.post(`/accounts/${account}/holds/${hold}/${how}`, {}, labs.mint());
const show = async (account: string) => (await labs.get(`/accounts/${account}`)).json;

/** An account with 100, frozen for debits, credits or both. */
async function frozen(...sides: readonly ('debits' | 'credits')[]) {
  const account = await labs.accountWith(100);
  await setStatus(account, Object.fromEntries(sides.map((side) => [side, 'frozen'])));
  return account;
}

const REFUSED = { status: 409, json: { code: 'account_frozen' } };

describe('a change of status', () => {
  test('is answered with what it set, is an entry, and shows in the balance', async () => {
    const account = await labs.accountWith(100);
    const key = labs.mint();
    const answer = await setStatus(account, { debits: 'frozen', reference: 'case 7' }, key);
    const { at } = answer.json;
    expect(answer.json).toEqual({ account, key, balance: '100', sequence: 2, at, debits: 'frozen' });
    expect(await show(account)).toEqual({ account, balance: '100', held: '0', debits: 'frozen' });
    expect((await labs.statement(account))[1]).toEqual({
      sequence: 2,
      key,
      type: 'status',
      debits: 'frozen',
      change: '0',
      balance: '100',
      at,
      reference: 'case 7',
    });
  });

  test('is made once, and a retry is answered the same after it was changed again', async () => {
    const account = await labs.accountWith(100);
    const key = labs.mint();
    const answer = await setStatus(account, { debits: 'frozen' }, key);
    await setStatus(account, { debits: 'open' });
    const again = await setStatus(account, { debits: 'frozen' }, key);
    expect([again.status, again.body]).toEqual([200, answer.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await show(account)).toEqual({ account, balance: '100', held: '0' });
    expect(await setStatus(account, { credits: 'frozen' }, key)).toMatchObject(refusal('key_reused'));
  });

  test('leaves the side as it is that it does not name', async () => {
    const account = await frozen('credits');
    await setStatus(account, { debits: 'frozen' });
    expect(await show(account)).toMatchObject({ debits: 'frozen', credits: 'frozen' });
    await setStatus(account, { credits: 'open' });
    expect(await show(account)).toEqual({ account, balance: '100', held: '0', debits: 'frozen' });
  });

  test('is refused on an account that does not exist yet, and so is its retry after the first deposit', async () => {
    const account = `account-${randomUUID()}`;
    const key = labs.mint();
    const refusal = { status: 404, json: { code: 'no_such_account' } };
    expect(await setStatus(account, { debits: 'frozen' }, key)).toMatchObject(refusal);
    await labs.move(account, 'deposits', 10);
    expect(await setStatus(account, { debits: 'frozen' }, key)).toMatchObject(refusal);
    expect(await show(account)).toEqual({ account, balance: '10', held: '0' });
  });

  test.each([{}, { debits: 'shut' }, { credits: true }, { debits: 'frozen', holds: 'frozen' }])(
    'is refused as a bad request with %j',
    async (status) => {
      const account = await labs.accountWith(1);
      expect(await setStatus(account, status)).toMatchObject(refusal('bad_request'));
    },
  );

  test('keeps functions of an older version from writing the account until both sides are open', async () => {
    const account = await frozen('debits', 'credits');
    const needs = async () => (await labs.lab.item(account))?.['needs'];
    expect(await needs()).toBe(2n);
    await setStatus(account, { debits: 'open' });
    expect(await needs()).toBe(2n);
    await setStatus(account, { debits: 'open', credits: 'open' });
    expect(await needs()).toBeUndefined();
  });
});

describe('while debits are frozen', () => {
  test('nothing leaves the account, each refusal is recorded, and deposits go on', async () => {
    const account = await labs.accountWith(100);
    const other = await labs.accountWith(1);
    const { key: hold } = (await labs.move(account, 'holds', 10)).json;
    await setStatus(account, { debits: 'frozen' });
    const key = labs.mint();
    expect(await labs.move(account, 'withdrawals', 5, key)).toMatchObject(REFUSED);
    expect(await labs.move(account, `transfers/${other}`, 5)).toMatchObject(REFUSED);
    expect(await labs.move(account, 'holds', 5)).toMatchObject(REFUSED);
    expect(await end(account, hold, 'captures')).toMatchObject(REFUSED);
    expect(await end(account, hold, `captures/${other}`)).toMatchObject(REFUSED);
    expect((await labs.move(account, 'deposits', 5)).status).toBe(200);
    await setStatus(account, { debits: 'open' });
    expect(await labs.move(account, 'withdrawals', 5, key), 'the refusal stays').toMatchObject(REFUSED);
    expect(await labs.money(account)).toEqual(['95', '10']);
    expect((await end(account, hold, 'captures')).json).toMatchObject({ amount: '10', balance: '95' });
  });

  test('a hold can be voided, and expires', async () => {
    const account = await labs.accountWith(100);
    const { key: hold } = (await labs.move(account, 'holds', 10)).json;
    await labs.post(`/accounts/${account}/holds`, { ...amount(20), expiresInSeconds: 1 }, labs.mint());
    await setStatus(account, { debits: 'frozen', credits: 'frozen' });
    expect((await end(account, hold, 'voids')).status).toBe(200);
    labs.lab.now.ms += 2000;
    await labs.sweep();
    expect(await labs.money(account)).toEqual(['100', '0']);
    expect((await labs.statement(account)).map(({ type }) => type).slice(-2)).toEqual(['void', 'expired']);
  });

  test('answers account_frozen also where the money is missing', async () => {
    expect(await labs.move(await frozen('debits'), 'withdrawals', 500)).toMatchObject(REFUSED);
  });
});

describe('while credits are frozen', () => {
  test('nothing comes in, and a transfer returns to its payer', async () => {
    const account = await frozen('credits');
    const payer = await labs.accountWith(50);
    const { key: hold } = (await labs.move(payer, 'holds', 10)).json;
    expect(await labs.move(account, 'deposits', 5)).toMatchObject(REFUSED);
    const key = labs.mint();
    const refused = await labs.move(payer, `transfers/${account}`, 5, key);
    expect(refused).toMatchObject(refusal('destination_frozen'));
    expect(await end(payer, hold, `captures/${account}`)).toMatchObject(refusal('destination_frozen'));
    expect(await labs.balances(payer, account)).toEqual(['50/0', '100/0']);
    await setStatus(account, { credits: 'open' });
    expect((await labs.move(payer, `transfers/${account}`, 5, key)).body).toBe(refused.body);
    expect((await labs.move(account, 'withdrawals', 5)).status).toBe(200);
  });

  test('money of a transfer that is refused elsewhere comes back', async () => {
    const account = await labs.accountWith(100);
    const other = await frozen('credits');
    await setStatus(account, { credits: 'frozen' });
    expect(await labs.move(account, `transfers/${other}`, 5)).toMatchObject(refusal('destination_frozen'));
    expect(await labs.money(account)).toEqual(['100', '0']);
  });
});

test('a freeze that races withdrawals of two Regions stops each of them that comes after it', async () => {
  const found = new Set<number | undefined>();
  for (let round = 0; !(found.has(200) && found.has(409)); round += 1) {
    expect(round, 'no freeze came between two withdrawals').toBeLessThan(50);
    const account = await labs.accountWith(1000);
    found.clear();
    const withdrawing = Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        labs.move(account, 'withdrawals', 1, labs.mint(), index % 2 === 0 ? undefined : labs.other),
      ),
    );
    const { sequence } = (await setStatus(account, { debits: 'frozen' })).json;
    for (const { status, json } of await withdrawing) {
      expect([200, 409, 503]).toContain(status);
      if (status === 200) {
        expect(json.sequence).toBeLessThan(sequence);
      }
      found.add(status);
    }
  }
});
