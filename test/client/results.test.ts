import { deepStrictEqual } from 'node:assert/strict';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type BankClient,
  InvalidArgumentError,
  mintKey,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from '../../client/index.ts';
import { PASS } from '../support/fault-proxy.ts';
import { type ProxiedRegions, patientClient, startProxiedRegions } from '../support/proxied-regions.ts';

let regions: ProxiedRegions;
let client: BankClient;
const connect = () => patientClient(regions);
beforeAll(async () => {
  regions = await startProxiedRegions();
  client = connect();
});
afterAll(async () => {
  await client.close();
  await regions[Symbol.asyncDispose]();
});
beforeEach(() => regions.heal());

const errorOf = async (call: Promise<unknown>): Promise<unknown> =>
  await call.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a result', () => {
  const account = `results-${mintKey()}`;
  const [key, refused, cancelled, unused] = [mintKey(), mintKey(), mintKey(), mintKey()];
  const region = 'us-east-1';
  const place = (sequence: number) => ({ sequence, at: expect.any(Date) });
  const moved = { account, key, balance: 10n, ...place(1), region, replayed: false };
  // In this order: each call finds what those before it have left.
  const calls: readonly (readonly [string, () => Promise<object>, object])[] = [
    ['a deposit', () => client.deposit(account, 10n, { key }), moved],
    ['its replay', () => client.deposit(account, 10n, { key }), { ...moved, replayed: true }],
    ['a balance', () => client.balance(account), { account, balance: 10n, held: 0n, region }],
    [
      'the outcome of a call that was executed',
      () => client.outcome(account, key),
      { outcome: 'executed', account, key, balance: 10n, ...place(1), region },
    ],
    [
      'a cancellation that came too late',
      () => client.cancel(account, key),
      { outcome: 'executed', account, key, balance: 10n, ...place(1), region },
    ],
    [
      'the outcome of a call that was refused',
      async () => {
        await errorOf(client.withdraw(account, 11n, { key: refused }));
        return await client.outcome(account, refused);
      },
      {
        outcome: 'refused',
        account,
        key: refused,
        code: 'not_enough_money',
        detail: expect.stringMatching(/^The balance was less than 11\./),
        region,
      },
    ],
    [
      'a cancellation',
      () => client.cancel(account, cancelled),
      { outcome: 'cancelled', account, key: cancelled, region },
    ],
    [
      'the outcome of a cancelled key',
      () => client.outcome(account, cancelled),
      { outcome: 'cancelled', account, key: cancelled, region },
    ],
    [
      'the outcome of a key that was not used',
      () => client.outcome(account, unused),
      { outcome: 'none', account, key: unused, region },
    ],
    [
      'a withdrawal',
      () => client.withdraw(account, 4n),
      { account, key: expect.any(String), balance: 6n, ...place(4), region, replayed: false },
    ],
  ];

  test.each(calls)('is a plain object that can be written as JSON: %s', async (_, call, expected) => {
    const result = await call();
    expect(result).toStrictEqual(expected);
    const onWire = Object.entries(result).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? String(value) : value instanceof Date ? value.toISOString() : value,
    ]);
    expect(written({ inside: [result] })).toEqual({ inside: [Object.fromEntries(onWire)] });
  });

  test('looks like what it is, and equals and copies like it', async () => {
    const balance = await client.balance(account);
    const expected = { account, balance: 6n, held: 0n, region };
    deepStrictEqual(balance, expected);
    expect(inspect(balance)).toBe(inspect(expected));
    expect(structuredClone(balance)).toStrictEqual(expected);
  });
});

describe('a replay', () => {
  test('is one of the call itself when its first answer was lost: it moved the money, once', async () => {
    regions.east.decide = ({ method }) => (method === 'POST' ? { kind: 'drop_reply' } : PASS);
    const account = `lost-${mintKey()}`;
    await using unlucky = connect();
    expect(await unlucky.deposit(account, 10n)).toMatchObject({ balance: 10n, replayed: true });
    expect(await unlucky.balance(account)).toMatchObject({ balance: 10n });
  });

  test('of a refusal says so, and a refusal of just now does not', async () => {
    const [account, key] = [`refused-${mintKey()}`, mintKey()];
    const refusal = () => errorOf(client.withdraw(account, 1n, { key }));
    expect(await refusal()).toMatchObject({ code: 'no_such_account', replayed: false });
    expect(await refusal()).toMatchObject({ code: 'no_such_account', replayed: true });
  });
});

describe('an error, written as JSON, has its code, its message, its key and what failed where', () => {
  const key = mintKey();

  test('RefusedError', async () => {
    const error = await errorOf(client.withdraw(`nobody-${key}`, 1n, { key }));
    expect(error).toBeInstanceOf(RefusedError);
    expect(written(error)).toEqual({
      name: 'RefusedError',
      code: 'no_such_account',
      message: expect.stringMatching(/^No deposit has been made/),
      retryWith: 'new key',
      status: 404,
      region: 'us-east-1',
      key,
      replayed: false,
    });
  });

  test('UnavailableError and OutcomeUnknownError, with any cause', () => {
    const cause: { self?: unknown; amount: bigint } = { amount: 1n };
    cause.self = cause;
    const endpoint = { name: 'us-east-1', url: 'http://127.0.0.1:3020', region: 'us-east-1' };
    const failures = [{ endpoint, reason: 'timed_out', executed: 'unknown', cause }] as const;
    for (const error of [
      new UnavailableError(key, failures),
      new OutcomeUnknownError(key, failures, { cause }),
    ]) {
      const { name, code, message } = error;
      const retryWith = 'same key';
      expect(written({ error })).toEqual({
        error: {
          name,
          code,
          message,
          key,
          retryWith,
          failures: [{ endpoint, reason: 'timed_out', executed: 'unknown' }],
        },
      });
    }
  });

  test('InvalidArgumentError', async () => {
    const error = await errorOf(client.deposit('.', 1n));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(written(error)).toEqual({
      name: 'InvalidArgumentError',
      code: 'invalid_argument',
      message: expect.stringMatching(/^"\." is not valid/),
      retryWith: 'never',
    });
  });
});
