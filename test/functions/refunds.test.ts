import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TRANSFER_DUE_MS } from '../../functions/bank/limits.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import { createHandlerLab, type Death, refusal } from '../support/handler-lab.ts';

const labs = await createHandlerLab();

const refund = (account: string, key: string, amount?: number, own = labs.mint(), by?: ApiHandler) =>
  labs.post(
    `/accounts/${account}/refunds/${key}`,
    amount === undefined ? {} : { amount: String(amount) },
    own,
    by,
  );

/** An account with 70, which had 100 and took 30 out. */
async function withWithdrawal() {
  const account = await labs.accountWith(100);
  const { key } = (await labs.move(account, 'withdrawals', 30)).json;
  return { account, key };
}

/** A payee that received 30 of a payer with 100, and the key of that credit in its statement. */
async function withTransfer() {
  const [payer, payee] = [await labs.accountWith(100), await labs.accountWith(5)];
  const { key: transfer } = (await labs.move(payer, `transfers/${payee}`, 30)).json;
  const [, { key }] = await labs.statement(payee);
  return { payer, payee, key, transfer };
}

describe('a refund of a withdrawal', () => {
  test('brings the money back, and `outcome` of the withdrawal returns the amount that was refunded', async () => {
    const { account, key } = await withWithdrawal();
    const own = labs.mint();
    const answer = await labs.post(
      `/accounts/${account}/refunds/${key}`,
      { amount: '10', reference: 'broken' },
      own,
    );
    const { at } = answer.json;
    expect(answer.json).toEqual({
      account,
      key: own,
      balance: '80',
      sequence: 4,
      at,
      call: key,
      amount: '10',
    });
    expect(await labs.balances(account)).toEqual(['80/0']);
    const [, , begun, done] = await labs.statement(account);
    expect(begun).toEqual({
      sequence: 3,
      key: own,
      type: 'refund',
      amount: '10',
      call: key,
      change: '0',
      balance: '70',
      at: expect.any(String),
      reference: 'broken',
    });
    expect(done).toMatchObject({ type: 'refunded', amount: '10', change: '10', call: key, refund: own });
    expect((await labs.outcome(account, key)).json).toMatchObject({ status: 200, refunded: '10' });
    expect((await labs.outcome(account, own)).json).toEqual({ key: own, status: 200, body: answer.json });
    const again = await labs.post(
      `/accounts/${account}/refunds/${key}`,
      { amount: '10', reference: 'broken' },
      own,
      labs.other,
    );
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([answer.body, 'true']);
  });

  test('can be made in parts, together never more than the call, and without an amount gives the rest', async () => {
    const { account, key } = await withWithdrawal();
    expect((await refund(account, key, 10)).json).toMatchObject({ amount: '10', balance: '80' });
    const exceeding = labs.mint();
    const refused = await refund(account, key, 21, exceeding);
    expect(refused).toMatchObject(refusal('refund_exceeded'));
    expect((await refund(account, key)).json).toMatchObject({ amount: '20', balance: '100' });
    expect(await refund(account, key)).toMatchObject(refusal('refund_exceeded'));
    expect(await refund(account, key, 1)).toMatchObject(refusal('refund_exceeded'));
    expect((await refund(account, key, 21, exceeding)).body).toBe(refused.body);
    expect(await refund(account, key, 31)).toMatchObject(refusal('refund_exceeded'));
    expect(await labs.balances(account)).toEqual(['100/0']);
    expect((await labs.outcome(account, key)).json).toMatchObject({ refunded: '30' });
  });

  test('is refused where there is no such call, for ever, and where the call is none that can be refunded', async () => {
    const { account, key: withdrawal } = await withWithdrawal();
    const later = labs.mint();
    const own = labs.mint();
    expect(await refund(account, later, 1, own)).toMatchObject(refusal('no_such_call'));
    await labs.move(account, 'withdrawals', 5, later);
    expect(await refund(account, later, 1, own)).toMatchObject(refusal('no_such_call'));
    expect((await refund(account, later, 1)).status).toBe(200);

    const [{ key: deposit }] = await labs.statement(account);
    const { key: refunded } = (await refund(account, withdrawal, 1)).json;
    const { key: refused } = (await labs.move(account, 'withdrawals', 5000)).json;
    const { key: hold } = (await labs.move(account, 'holds', 5)).json;
    for (const each of [deposit, refunded, hold]) {
      expect(await refund(account, each), each).toMatchObject(refusal('not_refundable'));
    }
    expect(refused).toBeUndefined();
    const nobody = `account-${randomUUID()}`;
    expect(await refund(nobody, withdrawal)).toMatchObject(refusal('no_such_account'));
  });

  test('is not refused as missing when the call comes while the refusal is on its way', async () => {
    const account = await labs.accountWith(100);
    const later = labs.mint();
    let isOvertaken = false;
    const overtaken = labs.handlerOf('us-east-1', {
      ...labs.lab.store,
      append: async (append, signal) => {
        if (append.entries[0].body.kind === 'refused' && !isOvertaken) {
          isOvertaken = true;
          await labs.move(account, 'withdrawals', 5, later);
        }
        return await labs.lab.store.append(append, signal);
      },
    });
    expect((await refund(account, later, 1, labs.mint(), overtaken)).json).toMatchObject({ balance: '96' });
    expect(isOvertaken).toBe(true);
  });

  test('finds the call on a page, also where its key was minted long before', async () => {
    const account = await labs.accountWith(100);
    const [early, early2] = [labs.mint(), labs.mint()];
    const { key } = (await labs.move(account, 'withdrawals', 30)).json;
    await labs.turnPages(account);
    await labs.move(account, 'withdrawals', 20, early);
    await labs.turnPages(account);
    await labs.turnPages(account);
    labs.lab.now.ms += 3_600_000;
    expect((await refund(account, key)).json).toMatchObject({ amount: '30' });
    expect((await refund(account, early)).json).toMatchObject({ amount: '20' });
    expect(await refund(account, early2)).toMatchObject(refusal('no_such_call'));
  });

  test('of a capture gives back what was captured, but not what went to another account', async () => {
    const [account, other] = [await labs.accountWith(100), await labs.accountWith(1)];
    const { key: hold } = (await labs.move(account, 'holds', 40)).json;
    const { key: capture } = (
      await labs.post(
        `/accounts/${account}/holds/${hold}/captures`,
        { amount: '25', final: false },
        labs.mint(),
      )
    ).json;
    const { key: paid } = (
      await labs.post(`/accounts/${account}/holds/${hold}/captures/${other}`, {}, labs.mint())
    ).json;
    expect((await refund(account, capture)).json).toMatchObject({ amount: '25', balance: '85' });
    expect(await refund(account, paid)).toMatchObject(refusal('not_refundable'));
  });

  test('is a credit: refused while credits are frozen or the balance is full, and not by frozen debits', async () => {
    const { account, key } = await withWithdrawal();
    const status = (body: object) => labs.put(`/accounts/${account}/status`, body, labs.mint());
    await status({ debits: 'frozen', credits: 'frozen' });
    expect(await refund(account, key, 1)).toMatchObject(refusal('account_frozen'));
    await status({ credits: 'open' });
    expect((await refund(account, key, 1)).status).toBe(200);
    await labs.move(account, 'deposits', 999_999_999_999_920);
    expect(await refund(account, key)).toMatchObject(refusal('balance_too_large'));
    expect((await refund(account, key, 2)).status).toBe(200);
  });

  test('of all that is left needs room for that, and not for all that the call had moved', async () => {
    const { account, key } = await withWithdrawal();
    expect((await refund(account, key, 28)).json).toMatchObject({ balance: '98' });
    await labs.move(account, 'deposits', 999_999_999_999_999 - 98 - 5);
    expect((await refund(account, key)).json).toMatchObject({ amount: '2', balance: '999999999999996' });
    expect(await refund(account, key), 'nothing is left').toMatchObject(refusal('refund_exceeded'));
  });
});

describe('a refund of a transfer', () => {
  test('takes the money from the payee and gives it to the payer', async () => {
    const { payer, payee, key } = await withTransfer();
    const own = labs.mint();
    const answer = await refund(payee, key, 12, own);
    expect(answer.json).toMatchObject({ account: payee, balance: '23', call: key, amount: '12', to: payer });
    expect(await labs.balances(payer, payee)).toEqual(['82/0', '23/0']);
    expect((await labs.statement(payee)).slice(-2)).toMatchObject([
      { type: 'refund', change: '-12', heldChange: '12', call: key, other: payer },
      { type: 'refunded', change: '0', heldChange: '-12', call: key, other: payer, refund: own },
    ]);
    const credit = (await labs.statement(payer)).at(-1);
    expect(credit).toMatchObject({ type: 'credit', change: '12', other: payee, refund: own });
    expect(credit).not.toHaveProperty('transfer');
    expect((await refund(payee, key)).json).toMatchObject({ amount: '18', balance: '5' });
    expect(await refund(payee, key), 'all of it is back').toMatchObject(refusal('refund_exceeded'));
    expect(await refund(payee, key, 1)).toMatchObject(refusal('refund_exceeded'));
    expect(await refund(payer, credit.key), 'no refund of a refund').toMatchObject(refusal('not_refundable'));
    expect(await labs.balances(payer, payee)).toEqual(['100/0', '5/0']);
  });

  test('adds to the refunded amount in the outcome of the transfer or capture that paid', async () => {
    const { payer, payee, key, transfer } = await withTransfer();
    expect((await labs.outcome(payer, transfer)).json).not.toHaveProperty('refunded');
    await refund(payee, key, 12);
    expect((await labs.outcome(payer, transfer)).json).toMatchObject({ status: 200, refunded: '12' });
    const { key: hold } = (await labs.move(payer, 'holds', 20)).json;
    const { key: capture } = (await labs.move(payer, `holds/${hold}/captures/${payee}`, 7)).json;
    await refund(payee, (await labs.statement(payee)).at(-1).key);
    expect((await labs.outcome(payer, capture)).json).toMatchObject({ status: 200, refunded: '7' });
    const own = labs.mint();
    await labs.move(payer, `transfers/${payer}-nobody`, 5, own);
    expect((await labs.outcome(payer, own)).json).not.toHaveProperty('refunded');
  });

  test('is no right of the payer', async () => {
    const { payer } = await withTransfer();
    const [, { key }] = await labs.statement(payer);
    expect(await refund(payer, key)).toMatchObject(refusal('not_refundable'));
  });

  test('that the payer cannot take comes back, and can be made later', async () => {
    const { payer, payee, key } = await withTransfer();
    await labs.put(`/accounts/${payer}/status`, { credits: 'frozen' }, labs.mint());
    const own = labs.mint();
    const refused = await refund(payee, key, 10, own);
    expect(refused).toMatchObject(refusal('destination_frozen'));
    expect(await labs.balances(payer, payee)).toEqual(['70/0', '35/0']);
    expect((await labs.statement(payee)).at(-1)).toMatchObject({
      type: 'returned',
      code: 'destination_frozen',
    });
    await labs.put(`/accounts/${payer}/status`, { credits: 'open' }, labs.mint());
    expect((await refund(payee, key, 10, own)).body).toBe(refused.body);
    expect((await refund(payee, key)).json).toMatchObject({ amount: '30' });
    expect(await labs.balances(payer, payee)).toEqual(['100/0', '5/0']);
  });

  test('needs the money', async () => {
    const { payee, key } = await withTransfer();
    await labs.move(payee, 'withdrawals', 10);
    expect(await refund(payee, key)).toMatchObject(refusal('not_enough_money'));
    expect((await refund(payee, key, 25)).json).toMatchObject({ balance: '0' });
  });
});

const DEATHS: readonly Death[] = [1, 2, 3, 4].flatMap((at) => [
  { at, when: 'before' },
  { at, when: 'after' },
]);

describe.each(DEATHS)('a function that dies $when write $at of a refund', (death) => {
  test('of a withdrawal leaves it to a retry in the other Region, a cancellation or the sweep: one refund', async () => {
    for (const how of ['retry', 'cancel', 'sweep'] as const) {
      const { account, key } = await withWithdrawal();
      const own = labs.mint();
      const { died, made } = labs.dying(death, (by) => refund(account, key, 10, own, by));
      await Promise.race([died, made]);
      await finish(how, account, key, own);
      const expected = how === 'retry' || death.at > 1 || death.when === 'after' ? '80/0' : '70/0';
      expect(await labs.balances(account), how).toEqual([expected]);
      expect((await labs.outcome(account, key)).json.refunded, how).toBe(
        expected === '80/0' ? '10' : undefined,
      );
    }
  });

  test('of a transfer leaves it to the same, and no money is lost', async () => {
    for (const how of ['retry', 'cancel', 'sweep'] as const) {
      const { payer, payee, key } = await withTransfer();
      const own = labs.mint();
      const { died, made } = labs.dying(death, (by) => refund(payee, key, 10, own, by));
      await Promise.race([died, made]);
      await finish(how, payee, key, own);
      const isMade = how === 'retry' || death.at > 1 || death.when === 'after';
      expect(await labs.balances(payer, payee), how).toEqual(isMade ? ['80/0', '25/0'] : ['70/0', '35/0']);
    }
  });
});

async function finish(how: 'retry' | 'cancel' | 'sweep', account: string, key: string, own: string) {
  if (how === 'retry') {
    expect((await refund(account, key, 10, own, labs.other)).status).toBe(200);
  } else if (how === 'cancel') {
    await labs.cancel(account, own);
  } else {
    labs.lab.now.ms += TRANSFER_DUE_MS;
    await labs.sweep();
  }
}

test('two Regions that refund all of one call at once under two keys: one of them does', async () => {
  const { account, key } = await withWithdrawal();
  const answers = await Promise.all([
    refund(account, key, 30),
    refund(account, key, 30, labs.mint(), labs.other),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(await labs.balances(account)).toEqual(['100/0']);
});

test('while a refund is under way its outcome is pending, and says nothing of the money', async () => {
  const { account, key } = await withWithdrawal();
  const own = labs.mint();
  await labs.dying({ at: 2, when: 'before' }, (by) => refund(account, key, 10, own, by)).died;
  expect(await labs.outcome(account, own)).toMatchObject({
    status: 202,
    json: { key: own, outcome: 'pending' },
  });
});

test('the register of a call is no account that a caller can ask for or find in a list', async () => {
  const { account, key } = await withWithdrawal();
  await refund(account, key);
  const register = `~${account}~${key}`;
  expect((await labs.lab.item(register))?.['balance']).toBe(30n);
  expect((await labs.get(`/accounts/${register}`)).status).toBe(400);
  const listed: string[] = [];
  const next = async (after: string | undefined) =>
    (await labs.get('/accounts', { limit: '100', ...(after === undefined ? {} : { after }) })).json;
  for (let page = await next(undefined); ; page = await next(page.next)) {
    listed.push(...page.accounts.map((each: { account: string }) => each.account));
    if (page.next === undefined) {
      break;
    }
  }
  expect(listed).toContain(account);
  expect(listed.filter((name) => name.includes('~'))).toEqual([]);
});

test.each([
  ['a withdrawal', 5],
  ['a transfer', 6],
])('of %s takes at most %i requests, pages apart, also for a call that is far back', async (what, most) => {
  const made = what === 'a transfer' ? await withTransfer() : await withWithdrawal();
  const account = 'payee' in made ? made.payee : made.account;
  const count = async () => {
    labs.lab.requests.length = 0;
    expect((await refund(account, made.key, 1)).status).toBe(200);
    return labs.lab.requests.length;
  };
  expect(await count()).toBeLessThanOrEqual(most);
  for (let round = 0; round < 8; round += 1) {
    await labs.turnPages(account);
  }
  // With these the refund turns no page.
  await labs.fill(account, 3);
  expect(await count()).toBeLessThanOrEqual(most);
});
