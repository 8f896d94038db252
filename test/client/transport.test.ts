import { describe, expect, vi } from 'vitest';
import type { BankClientOptions } from '../../client/index.ts';
import { refuse } from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import { test } from '../support/two-regions.ts';

/** A `fetch` of the caller may send more than once, as the one of a browser does. This is Node's own, wrapped. */
const FOREIGN: Pick<BankClientOptions, 'environment'> = {
  environment: { fetch: (...request) => globalThis.fetch(...request) },
};
const HOUR_MS = 3_600_000;

/** The global dispatchers of undici: that of old versions, and that of version 8. Node's `fetch` uses one of them. */
const OLD = Symbol.for('undici.globalDispatcher.1');
const NEW = Symbol.for('undici.globalDispatcher.2');
const dispatcher = () => Reflect.get(globalThis, OLD);
class Forwarding {
  readonly #agent = dispatcher();
  dispatch(...request: unknown[]) {
    return this.#agent.dispatch(...request);
  }
}
/** Has the name of undici's agent that retries. */
class RetryAgent extends Forwarding {}
/** Has the name of what version 8 gives to older ones in place of its dispatcher. */
class Dispatcher1Wrapper extends Forwarding {}
/** The same as `dispatcher.compose(interceptor)` of undici. */
const composed = () => {
  const agent = dispatcher();
  const dispatch = (...request: unknown[]) => agent.dispatch(...request);
  return new Proxy(agent, { get: (target, name) => (name === 'dispatch' ? dispatch : target[name]) });
};

describe('over a transport that may send a request again without telling', () => {
  test('"not executed" is not certain: an earlier copy may still be executed', async ({ regions }) => {
    regions.usually(refuse('unavailable', { executed: false }));
    const key = keyAt(regions.time.nowMs());

    const ask = (options: Partial<BankClientOptions>) =>
      regions.client({ maxAttempts: 2, ...options }).deposit('joe', 10n, { key });
    await expect(ask(FOREIGN)).rejects.toMatchObject({ code: 'outcome_unknown', key });
    await expect(ask({})).rejects.toMatchObject({ code: 'unavailable', key });
    // A caller who knows that it sends once can say so.
    const environment = { ...FOREIGN.environment, sendsOnce: true };
    await expect(ask({ environment })).rejects.toMatchObject({ code: 'unavailable', key });
  });

  test('so is the fetch of the runtime, once something has wrapped it', async ({ regions }) => {
    regions.usually(refuse('unavailable', { executed: false }));
    const client = regions.client({ maxAttempts: 2 });
    const own = globalThis.fetch;
    vi.stubGlobal('fetch', (...request: Parameters<typeof fetch>) => own(...request));
    try {
      const key = keyAt(regions.time.nowMs());
      await expect(client.deposit('joe', 10n, { key })).rejects.toMatchObject({ code: 'outcome_unknown' });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test.for([
    ['a dispatcher that retries', 'outcome_unknown', () => ({ [OLD]: new RetryAgent() })],
    ['a dispatcher with an interceptor', 'outcome_unknown', () => ({ [OLD]: composed() })],
    [
      'a dispatcher of undici 8 that retries',
      'outcome_unknown',
      () => ({ [OLD]: new Dispatcher1Wrapper(), [NEW]: new RetryAgent() }),
    ],
    [
      'the dispatcher of undici 8',
      'unavailable',
      () => ({ [OLD]: new Dispatcher1Wrapper(), [NEW]: dispatcher() }),
    ],
    ['its own dispatcher', 'unavailable', () => ({ [OLD]: dispatcher() })],
  ] as const)('after the fetch of Node with %s it is %s', async ([_, code, make], { regions }) => {
    regions.usually(refuse('unavailable', { executed: false }));
    await fetch(regions.east.url); // Node makes its dispatcher now.
    const client = regions.client({ maxAttempts: 2 });
    const own = { [OLD]: dispatcher(), [NEW]: Reflect.get(globalThis, NEW) };
    Object.assign(globalThis, make());
    try {
      const key = keyAt(regions.time.nowMs());
      await expect(client.deposit('joe', 10n, { key })).rejects.toMatchObject({ code });
    } finally {
      Object.assign(globalThis, own);
    }
  });

  test('a recorded refusal is certain, another one leaves the outcome unknown', async ({ regions }) => {
    const client = regions.client(FOREIGN);
    regions.east.next(refuse('key_in_future'));
    regions.west.next(refuse('key_in_future'));
    const key = keyAt(regions.time.nowMs());

    await expect(client.deposit('joe', 10n, { key })).rejects.toMatchObject({
      code: 'outcome_unknown',
      cause: { code: 'key_in_future' },
    });
    await expect(client.withdraw('nobody', 10n)).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'no_such_account',
    });
  });

  test('what was never handed to it was certainly not executed', async ({ regions }) => {
    const credentials = () => Promise.reject(new Error('no credentials'));
    const call = regions.client({ ...FOREIGN, credentials, maxAttempts: 2 }).deposit('joe', 10n);
    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
    expect(regions.arrivals).toEqual([]);
  });

  test('the time of the bank is asked for before the first key is minted', async ({ regions }) => {
    const { time, bank } = regions;
    time.wallClockErrorMs = HOUR_MS;
    const client = regions.client(FOREIGN);

    await client.deposit('joe', 10n);
    await client.deposit('joe', 10n);

    expect(regions.arrivals.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /health',
      'POST /accounts/joe/deposits',
      'POST /accounts/joe/deposits',
    ]);
    expect(bank.balanceOf('joe')).toBe(20n);
  });
});
