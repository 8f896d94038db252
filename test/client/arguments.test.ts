import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { BankClient, type BankClientOptions, InvalidArgumentError } from '../../client/index.ts';
import { keyAt } from '../support/keys.ts';
import { seedOf } from '../support/seed.ts';
import { test } from '../support/two-regions.ts';

const KEY = '0198c5a0-7e57-7abc-8def-0123456789ab';

/** Callers in plain JavaScript may pass what the types forbid. */
const anything = (value: unknown) => value as never;

describe('an amount', () => {
  test.for([1n, 999_999_999_999_999n, 1, 10, 999_999_999_999_999])(
    'is a bigint or a safe integer of minor units: %s',
    async (amount, { regions }) => {
      expect(await regions.client().deposit('joe', amount)).toMatchObject({ balance: BigInt(amount) });
      expect(regions.arrivals[0]?.body).toBe(JSON.stringify({ amount: String(amount) }));
    },
  );

  test('arrives as it was given, digit by digit', async ({ regions }) => {
    const client = regions.client();
    await fc.assert(
      fc.asyncProperty(fc.bigInt(1n, 999_999_999_999_999n), async (amount) => {
        await client.deposit(`account-${regions.arrivals.length}`, amount);
        expect(JSON.parse(String(regions.arrivals.at(-1)?.body))).toEqual({ amount: amount.toString() });
      }),
      { numRuns: 50, seed: seedOf('amounts') },
    );
  });

  test.for(
    [
      ...[0n, -1n, 1_000_000_000_000_000n],
      ...[0, -0, -10, 1.5, 1e15, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY],
      ...['10', null, undefined, true, [10], { valueOf: () => 10 }, Symbol('10')].map(anything),
    ].map((amount) => ({ amount })),
  )('is refused unsent when it is anything else: $amount', async ({ amount }, { regions }) => {
    const client = regions.client();

    // A capture without an amount captures all that remains.
    const capture = amount === undefined ? [] : [client.capture('joe', KEY, { amount })];
    for (const call of [
      client.deposit('joe', amount),
      client.withdraw('joe', amount),
      client.transfer('joe', 'ann', amount),
      client.hold('joe', amount),
      ...capture,
    ]) {
      await expect(call).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(call).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    expect(regions.arrivals).toEqual([]);
    expect(regions.events).toEqual([]);
  });
});

describe('an account', () => {
  test.for(['j', 'joe', '0', 'JOE', 'joe.smith@example.org', 'urn:account:1_2-3', 'x'.repeat(128)])(
    'is a name that needs no escaping: %s',
    async (account, { regions }) => {
      await regions.client().deposit(account, 1n);

      expect(regions.arrivals[0]?.path).toBe(`/accounts/${account}/deposits`);
      expect(regions.bank.balanceOf(account)).toBe(1n);
    },
  );

  test.for(
    [
      ...['', '.', '..', '_joe', 'joe/../mallory', 'joe%2f', 'joe?x=1', 'joe#x', 'joe smith', 'joe\n', 'jöe'],
      ...['x'.repeat(129), ...[undefined, 7, 10n].map(anything)],
    ].map((account) => ({ account })),
  )('is refused unsent when it is anything else: $account', async ({ account }, { regions }) => {
    const client = regions.client();

    // A capture need not have a payee.
    const capture = account === undefined ? [] : [client.capture('joe', KEY, { to: account })];
    for (const call of [
      client.deposit(account, 1n),
      client.withdraw(account, 1n),
      client.balance(account),
      client.transfer(account, 'ann', 1n),
      client.transfer('ann', account, 1n),
      client.hold(account, 1n),
      client.holds(account),
      client.void(account, KEY),
      client.capture(account, KEY),
      client.refund(account, KEY),
      client.setStatus(account, { debits: 'frozen' }),
      ...capture,
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    expect(regions.arrivals).toEqual([]);
  });
});

describe('a key', () => {
  test('may be in upper case; it is sent and returned in its canonical form', async ({ regions }) => {
    const client = regions.client();
    const key = keyAt(regions.time.nowMs());

    expect(await client.deposit('joe', 10n, { key: key.toUpperCase() })).toMatchObject({ key });
    expect(await client.deposit('joe', 10n, { key })).toMatchObject({ key, balance: 10n });
    expect(regions.arrivals.map((request) => request.key)).toEqual([key, key]);
    expect(regions.bank.executions).toHaveLength(1);
  });

  test.for([
    { name: 'empty', key: '' },
    { name: 'no UUID', key: 'order-4711' },
    { name: 'a random UUID, version 4', key: '0198c5a0-7e57-4abc-8def-0123456789ab' },
    { name: 'of another variant', key: '0198c5a0-7e57-7abc-cdef-0123456789ab' },
    { name: 'followed by something', key: '0198c5a0-7e57-7abc-8def-0123456789ab\r\nx: y' },
    { name: 'null', key: anything(null) },
    { name: 'a number', key: anything(7) },
  ])('is refused when it is $name, and nothing is sent', async ({ key }, { regions }) => {
    const client = regions.client();
    const invalid = { code: 'invalid_argument' };
    await expect(client.deposit('joe', 10n, { key })).rejects.toMatchObject(invalid);
    await expect(client.capture('joe', key)).rejects.toMatchObject(invalid);
    await expect(client.void('joe', key)).rejects.toMatchObject(invalid);
    await expect(client.cancel('joe', key)).rejects.toMatchObject(invalid);
    expect(regions.arrivals).toEqual([]);
  });
});

describe('a transfer', () => {
  test('to the account that pays is refused, and nothing is sent', async ({ regions }) => {
    const client = regions.client();

    const invalid = { code: 'invalid_argument', message: expect.stringMatching(/itself.*Nothing was sent/) };
    await expect(client.transfer('joe', 'joe', 1n)).rejects.toMatchObject(invalid);
    await expect(client.capture('joe', KEY, { to: 'joe' })).rejects.toMatchObject(invalid);
    expect(regions.arrivals).toEqual([]);
  });
});

describe('the time until a hold expires', () => {
  test.for([0, -1, 1.5, 2_592_001, Number.NaN, anything('60'), anything(60n), anything(new Date())])(
    'is a whole number of seconds up to 30 days, not %s',
    async (expiresInSeconds, { regions }) => {
      await expect(regions.client().hold('joe', 1n, { expiresInSeconds })).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringMatching(/^expiresInSeconds must be a whole number from 1 to 2592000; got /),
      });
      expect(regions.arrivals).toEqual([]);
    },
  );
});

describe('an option', () => {
  const endpoints = ['http://127.0.0.1:3020', 'http://127.0.0.1:3030'];
  const CREDENTIALS = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const NUMBERS = [
    'callTimeoutMs',
    'attemptTimeoutMs',
    'maxAttempts',
    'hedgeAfterMs',
    'probeIntervalMs',
    'maxInFlight',
  ];
  const wrong: readonly { name: string; options: BankClientOptions }[] = [
    { name: 'no endpoint', options: { endpoints: [] } },
    { name: 'endpoints that are no list', options: { endpoints: anything(endpoints[0]) } },
    { name: 'no options for endpoints', options: anything({}) },
    { name: 'nine endpoints', options: { endpoints: Array(9).fill('http://127.0.0.1:3020') } },
    { name: 'an endpoint that is no URL', options: { endpoints: ['localhost:3020'] } },
    { name: 'an endpoint of another protocol', options: { endpoints: ['ftp://127.0.0.1'] } },
    { name: 'an endpoint with a query', options: { endpoints: ['http://127.0.0.1/?a=b'] } },
    { name: 'an endpoint with a fragment', options: { endpoints: ['http://127.0.0.1/#a'] } },
    { name: 'an endpoint with a user', options: { endpoints: ['http://joe@127.0.0.1/'] } },
    { name: 'an endpoint with a password', options: { endpoints: ['http://:secret@127.0.0.1/'] } },
    { name: 'an endpoint that is not set', options: { endpoints: [anything(undefined)] } },
    { name: 'credentials for an unknown Region', options: { endpoints, credentials: CREDENTIALS } },
    { name: 'no attempts', options: { endpoints, maxAttempts: 0 } },
    { name: 'half an attempt', options: { endpoints, maxAttempts: 0.5 } },
    { name: 'no time for a call', options: { endpoints, callTimeoutMs: 0 } },
    { name: 'half a millisecond', options: { endpoints, callTimeoutMs: 0.5 } },
    { name: 'more time than a timer can hold', options: { endpoints, attemptTimeoutMs: 2 ** 31 } },
    { name: 'a negative wait', options: { endpoints, backoff: { baseMs: -1 } } },
    { name: 'no number', options: { endpoints, probeIntervalMs: Number.NaN } },
    { name: 'an endless hedge', options: { endpoints, hedgeAfterMs: Number.POSITIVE_INFINITY } },
    { name: 'no call in flight', options: { endpoints, maxInFlight: 0 } },
    { name: 'more calls in flight than a process has connections', options: { endpoints, maxInFlight: 1e6 } },
    ...NUMBERS.flatMap((option) =>
      [anything('5000'), anything(true), anything(5000n), anything([5000])].map((value) => ({
        name: `${option} of type ${typeof value}`,
        options: { endpoints, [option]: value },
      })),
    ),
    { name: 'a wait of type string', options: { endpoints, backoff: { capMs: anything('100') } } },
  ];

  test.each(wrong)('that cannot be used is refused when the client is made: $name', ({ options }) => {
    expect(() => new BankClient(options)).toThrow(InvalidArgumentError);
  });

  test('that cannot be used is refused without the password or the query of a URL in the message', () => {
    const refused = (url: string) => () => new BankClient({ endpoints: [url] });
    expect(refused('https://joe:s3cret@example.org/prod')).toThrow(
      'endpoints: "https://***@example.org/prod" is',
    );
    expect(refused('https://example.org/?token=s3cret')).toThrow('endpoints: "https://example.org/?***" is');
    expect(refused('https://joe:s3/cr@t@example.org')).toThrow(/^(?!.*cr@t)/);
  });

  test('of a call is checked as well, before anything is sent and before an event', async ({ regions }) => {
    for (const timeoutMs of [-1, anything('5000'), anything(5000n)]) {
      await expect(regions.client().deposit('joe', 1n, { timeoutMs })).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
    expect(regions.arrivals).toEqual([]);
    expect(regions.events).toEqual([]);
  });

  test('may be a base URL with a path, as an API with stages has', async ({ regions }) => {
    const client = regions.client({ endpoints: [new URL(`${regions.east.url}/prod/`)] });

    await client.balance('joe').catch(() => {});

    expect(regions.arrivals[0]?.path).toBe('/prod/accounts/joe');
  });
});
