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
import { errorOf } from '../support/promises.ts';
import { type ProxiedRegions, patientClient, startProxiedRegions } from '../support/proxied-regions.ts';

let regions: ProxiedRegions;
let client: BankClient;
beforeAll(async () => {
  regions = await startProxiedRegions();
  client = patientClient(regions);
});
afterAll(async () => {
  await client.close();
  await regions[Symbol.asyncDispose]();
});
beforeEach(() => regions.heal());

const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a result', () => {
  const account = `results-${mintKey()}`;
  const [refused, unused] = [mintKey(), mintKey()];
  const region = 'us-east-1';
  const refusal = {
    ...{ outcome: 'refused', account, key: refused, code: 'not_enough_money', region },
    detail: expect.stringMatching(/^The balance was less than 11\./),
  };
  beforeAll(async () => {
    await client.deposit(account, 10n);
    await errorOf(client.withdraw(account, 11n, { key: refused }));
  });

  test.each<[string, () => Promise<object>, object]>([
    ['a balance', () => client.balance(account), { account, balance: 10n, held: 0n, region }],
    ['the outcome of a call that was refused', () => client.outcome(account, refused), refusal],
    ['a cancellation of a call that was refused', () => client.cancel(account, refused), refusal],
    [
      'the outcome of a key that was not used',
      () => client.outcome(account, unused),
      { outcome: 'none', account, key: unused, region },
    ],
    // Cancels it, then asks for the outcome: both answers are the same.
    ...(['cancel', 'outcome'] as const).map((ask): [string, () => Promise<object>, object] => [
      `${ask} of a cancelled key`,
      async () => {
        await client.cancel(account, unused);
        return await client[ask](account, unused);
      },
      { outcome: 'cancelled', account, key: unused, region },
    ]),
  ])('is a plain object that can be written as JSON: %s', async (_, call, expected) => {
    const result = await call();
    expect(result).toStrictEqual(expected);
    const onWire = Object.entries(result).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? String(value) : value,
    ]);
    expect(written({ inside: [result] })).toEqual({ inside: [Object.fromEntries(onWire)] });
  });

  test('looks like what it is, and equals and copies like it', async () => {
    const balance = await client.balance(account);
    const expected = { account, balance: 10n, held: 0n, region };
    deepStrictEqual(balance, expected);
    expect(inspect(balance)).toBe(inspect(expected));
    expect(structuredClone(balance)).toStrictEqual(expected);
  });
});

test('a replay of a refusal says so, and a refusal of just now does not', async () => {
  const [account, key] = [`refused-${mintKey()}`, mintKey()];
  const refusal = () => errorOf(client.withdraw(account, 1n, { key }));
  expect(await refusal()).toMatchObject({ code: 'no_such_account', replayed: false });
  expect(await refusal()).toMatchObject({ code: 'no_such_account', replayed: true });
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
