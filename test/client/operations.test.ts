import { describe, expect } from 'vitest';
import {
  type BankClient,
  InvalidArgumentError,
  mintKey,
  RefusedError,
  type Status,
} from '../../client/index.ts';
import { type Behaviour, loseReply, sendJson } from '../support/behaviours.ts';
import { keyAt, newKey } from '../support/keys.ts';
import type { ReceivedRequest } from '../support/memory-bank.ts';
import {
  HOLD,
  OPERATIONS,
  type OperationExample,
  openBooks,
  WITHDRAWAL,
} from '../support/operation-examples.ts';
import { all } from '../support/promises.ts';
import { test as regionsTest } from '../support/two-regions.ts';

const region = 'us-east-1';

/** A test with the books of the examples, and with the requests that were sent after they were made. */
const test = regionsTest.extend<{ client: BankClient; sent: () => readonly ReceivedRequest[] }>({
  client: async ({ regions }, use) => {
    const client = regions.client();
    await openBooks(client);
    await use(client);
  },
  sent: async ({ regions, client: _ }, use) => {
    const before = regions.arrivals.length;
    await use(() => regions.arrivals.slice(before));
  },
});

/** The receipt of an example that was made at this time, as HTTP has it. */
function receiptOf({ answer, sequence = 4, expiresInSeconds }: OperationExample, nowMs: number) {
  const iso = (timeMs: number) => new Date(timeMs).toISOString();
  return {
    ...{ account: 'joe', sequence, at: iso(nowMs), ...answer },
    ...(expiresInSeconds !== undefined && { expiresAt: iso(nowMs + expiresInSeconds * 1_000) }),
  };
}

/** A receipt as the client returns it. */
function read(receipt: object): Record<string, unknown> {
  const typed = ([name, value]: [string, unknown]): [string, unknown] => {
    if (['balance', 'held', 'amount'].includes(name)) {
      return [name, BigInt(String(value))];
    }
    return [name, name === 'at' || name === 'expiresAt' ? new Date(String(value)) : value];
  };
  return Object.fromEntries(Object.entries(receipt).map(typed));
}

describe('a call that changes an account', () => {
  test.for(OPERATIONS)(
    'is sent as what it is, and its answer is read: $name',
    async (each, { client, sent, time }) => {
      const result = await each.call(client);

      const [request] = sent();
      expect(request).toMatchObject({ method: each.method ?? 'POST', path: each.path });
      expect(JSON.parse(String(request?.body))).toEqual(each.body);
      expect(request?.headers).toMatchObject({
        'bank-reply-cache': 'no',
        'content-type': 'application/json',
      });
      const receipt = { ...receiptOf(each, time.nowMs()), key: request?.key };
      expect(result).toStrictEqual({ ...read(receipt), region, replayed: false });
      expect(JSON.parse(JSON.stringify(result))).toEqual({ ...receipt, region, replayed: false });
    },
  );

  test.for(OPERATIONS)(
    'is replayed under its key, and its outcome is all that was answered: $name',
    async (each, { client, sent, time }) => {
      const key = keyAt(time.nowMs());
      const first = await each.call(client, { key });
      expect(sent()[0]?.headers).not.toHaveProperty('bank-reply-cache');

      expect(await each.call(client, { key })).toStrictEqual({ ...first, replayed: true });
      const receipt = read({ ...receiptOf(each, time.nowMs()), key });
      const executed = { outcome: 'executed', ...receipt, region };
      expect(await client.outcome('joe', key)).toStrictEqual(executed);
      expect(await client.cancel('joe', key)).toStrictEqual(executed);
    },
  );

  test.for(OPERATIONS)(
    'is made once where its answer was lost: the other Region has it: $name',
    async (each, { client, sent, regions, time }) => {
      regions.east.next(loseReply);

      const result = await each.call(client);

      const requests = sent();
      const receipt = { ...receiptOf(each, time.nowMs()), key: requests[0]?.key };
      expect(result).toStrictEqual({ ...read(receipt), region: 'us-east-2', replayed: true });
      expect(requests).toHaveLength(2);
      expect(regions.bank.executionsOf(String(requests[0]?.key))).toHaveLength(1);
      expect(new Set(requests.map(({ key, path, body }) => `${key} ${path} ${body}`)).size).toBe(1);
    },
  );

  test.for(OPERATIONS)('is never made once its key is cancelled: $name', async (each, { client, time }) => {
    const key = keyAt(time.nowMs());
    expect(await client.cancel('joe', key)).toStrictEqual({
      outcome: 'cancelled',
      account: 'joe',
      key,
      region,
    });
    await expect(each.call(client, { key })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await client.balance('joe')).toStrictEqual({ account: 'joe', balance: 15n, held: 10n, region });
  });

  const at = '2026-11-27T13:00:00.000Z';
  const moved = { account: 'joe', balance: '15', sequence: 3, at };
  const captured = { ...moved, held: '0', hold: HOLD, amount: '10' };
  type Call = (client: BankClient) => Promise<object>;
  const transfer: Call = (client) => client.transfer('joe', 'ann', 10n);
  const capture: Call = (client) => client.capture('joe', HOLD);
  const captureTo: Call = (client) => client.capture('joe', HOLD, { to: 'ann' });
  const voidHold: Call = (client) => client.void('joe', HOLD);
  const reply =
    (body: object, status = 200): Behaviour =>
    ({ request, response }) =>
      sendJson(response, request.region, status, { key: request.key, ...body });
  test.for<[string, Call, Behaviour]>([
    ['a transfer to another account', transfer, reply({ ...moved, to: 'eve' })],
    ['a deposit, where a transfer was asked for', transfer, reply(moved)],
    ['a capture of another hold', capture, reply({ ...captured, hold: newKey() })],
    ['a capture for another account', captureTo, reply({ ...captured, to: 'eve' })],
    ['a capture that was no transfer, where one was asked for', captureTo, reply(captured)],
    ['a void of another hold', voidHold, reply({ ...captured, hold: newKey() })],
    ['a 202, which only a question for an outcome has', transfer, reply({ ...moved, to: 'ann' }, 202)],
  ])('is not answered by the answer to another one: %s', async ([, call, answer], { regions }) => {
    regions.east.next(answer);

    await expect(call(regions.client({ maxAttempts: 1 }))).rejects.toMatchObject({ code: 'outcome_unknown' });
  });
});

describe('a refund', () => {
  /** A payee that was paid 3, and the key of that credit. */
  async function credited(client: BankClient): Promise<string> {
    await client.transfer('joe', 'ann', 3n);
    const [credit] = await all(client.entries('ann'));
    return String(credit?.key);
  }

  test('refunds a part, then the rest, and `outcome` of the withdrawal returns their sum', async ({
    client,
  }) => {
    expect(await client.outcome('joe', WITHDRAWAL)).not.toHaveProperty('refunded');
    await client.refund('joe', WITHDRAWAL, { amount: 2n });
    expect(await client.outcome('joe', WITHDRAWAL)).toMatchObject({ outcome: 'executed', refunded: 2n });
    expect(await client.refund('joe', WITHDRAWAL)).toMatchObject({ amount: 4n, balance: 21n });
    const whole = await client.outcome('joe', WITHDRAWAL);
    expect(whole).toMatchObject({ balance: 25n, refunded: 6n });
    expect(JSON.parse(JSON.stringify(whole))).toMatchObject({ refunded: '6' });
  });

  test('of a transfer gives the money to the account that paid, and names it', async ({ client }) => {
    const credit = await credited(client);
    const { key, ...refunded } = await client.refund('ann', credit, { amount: 2n });
    expect(refunded).toMatchObject({ account: 'ann', call: credit, amount: 2n, to: 'joe', balance: 2n });
    expect(await client.balance('joe')).toMatchObject({ balance: 14n, held: 10n });
    expect((await all(client.entries('ann'))).slice(0, 2)).toMatchObject([
      { type: 'refunded', change: 0n, heldChange: -2n, call: credit, refund: key, other: 'joe' },
      { type: 'refund', key, change: -2n, heldChange: 2n, call: credit, other: 'joe' },
    ]);
    expect((await all(client.entries('joe')))[0]).toMatchObject({ type: 'credit', change: 2n, refund: key });
  });

  test('is refused, by a code of its own, where the call cannot be refunded', async ({ client }) => {
    const credit = await credited(client);
    const deposit = (await all(client.entries('joe'))).at(-1)?.key;
    const { key: refund } = await client.refund('joe', WITHDRAWAL, { amount: 5n });
    const refused = async (code: string, made: Promise<unknown>) => {
      await expect(made, code).rejects.toBeInstanceOf(RefusedError);
      await expect(made, code).rejects.toMatchObject({ code });
    };
    await refused('no_such_call', client.refund('joe', mintKey()));
    await refused('no_such_call', client.refund('ann', WITHDRAWAL));
    await refused('not_refundable', client.refund('joe', String(deposit)));
    await refused('not_refundable', client.refund('joe', refund));
    await refused('refund_exceeded', client.refund('joe', WITHDRAWAL, { amount: 2n }));
    await refused('no_such_account', client.refund('nobody', WITHDRAWAL));
    await client.setStatus('joe', { credits: 'frozen' });
    await refused('account_frozen', client.refund('joe', WITHDRAWAL));
    await refused('destination_frozen', client.refund('ann', credit));
    await client.withdraw('ann', 2n);
    await refused('not_enough_money', client.refund('ann', credit));
    expect(await client.outcome('joe', WITHDRAWAL)).toMatchObject({ refunded: 5n });
  });

  test.for([
    { what: 'a key', of: 'order-4711', options: {} },
    { what: 'a key', of: 10n as unknown as string, options: {} },
    { what: 'an amount', of: HOLD, options: { amount: 0 } },
    { what: 'an amount', of: HOLD, options: { amount: 1.5 } },
  ])('is refused unsent without $what: $of $options', async ({ of, options }, { regions }) => {
    const made = regions.client().refund('joe', of, options);
    await expect(made).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(made).rejects.toMatchObject({ message: expect.stringMatching(/ Nothing was sent\.$/) });
    expect(regions.arrivals).toEqual([]);
  });
});

describe('a change of status', () => {
  test('shows in the balance while it lasts, and in the statement for good', async ({ client }) => {
    const shown = { account: 'joe', balance: 15n, held: 10n, region };
    await client.setStatus('joe', { debits: 'frozen', credits: 'frozen' });
    expect(await client.balance('joe')).toStrictEqual({ ...shown, debits: 'frozen', credits: 'frozen' });
    await expect(client.withdraw('joe', 1n)).rejects.toMatchObject({ code: 'account_frozen', status: 409 });
    await expect(client.deposit('joe', 1n)).rejects.toMatchObject({ code: 'account_frozen' });

    await client.setStatus('joe', { debits: 'open', credits: 'open' });
    expect(await client.balance('joe')).toStrictEqual(shown);
    expect(await client.withdraw('joe', 1n)).toMatchObject({ balance: 14n });
    const entries = await all(client.entries('joe', { refusals: true }));
    expect(entries.slice(0, 6).map(({ type, debits, credits }) => [type, debits, credits])).toEqual([
      ['withdrawal', undefined, undefined],
      ['status', 'open', 'open'],
      ['refused', undefined, undefined],
      ['refused', undefined, undefined],
      ['status', 'frozen', 'frozen'],
      ['hold', undefined, undefined],
    ]);
  });

  test('returns a transfer to a frozen account to its payer', async ({ client }) => {
    await client.setStatus('ann', { credits: 'frozen' });

    const transfer = client.transfer('joe', 'ann', 3n);
    await expect(transfer).rejects.toMatchObject({ code: 'destination_frozen' });
    expect(await client.balance('joe')).toMatchObject({ balance: 15n, held: 10n });
  });

  test.for([
    {},
    { debits: 'shut' },
    { credits: true },
    { debits: 'open', credits: null },
    { debits: undefined },
    undefined,
  ])(
    'is refused before anything is sent where it names no side, or what a side cannot be: %j',
    async (status, { regions }) => {
      const call = regions.client().setStatus('joe', status as Status);
      await expect(call).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(call).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringMatching(
          /^status: debits and credits must be "open" or "frozen", .* Nothing was sent\.$/,
        ),
      });
      expect(regions.arrivals).toEqual([]);
    },
  );
});
