import { describe, expect } from 'vitest';
import { OutcomeUnknownError, UnavailableError } from '../../client/index.ts';
import { answer, executeAndHang, hang, refuse } from '../support/behaviours.ts';
import { test, typesOf } from '../support/two-regions.ts';

const REASON = new Error('the user left');

describe('a signal that was aborted before the call', () => {
  test.for(['deposit', 'withdraw', 'balance'] as const)(
    'ends a %s with its reason, and nothing is sent',
    async (operation, { regions }) => {
      const client = regions.client();
      const signal = AbortSignal.abort(REASON);
      const call =
        operation === 'balance'
          ? client.balance('joe', { signal })
          : client[operation]('joe', 1n, { signal });

      await expect(call).rejects.toBe(REASON);
      expect(regions.arrivals).toEqual([]);
    },
  );
});

describe('a signal that is aborted in flight', () => {
  test('ends a call at once as unknown, with its key and the reason', async ({ regions }) => {
    regions.east.usually = executeAndHang;
    const controller = new AbortController();
    const client = regions.client();

    const call = client.deposit('joe', 10n, { signal: controller.signal });
    const { key } = await regions.east.received(1);
    controller.abort(REASON);

    await expect(call).rejects.toBeInstanceOf(OutcomeUnknownError);
    await expect(call).rejects.toMatchObject({ key, cause: REASON, failures: [{ reason: 'aborted' }] });
    expect(regions.arrivals).toHaveLength(1);
    regions.east.usually = answer;
    expect(await client.deposit('joe', 10n, key === undefined ? {} : { key })).toMatchObject({
      balance: 10n,
    });
    expect(regions.bank.executions).toHaveLength(1);
  });

  test('ends a read as unavailable, with the reason', async ({ regions }) => {
    regions.east.usually = hang;
    const controller = new AbortController();
    const call = regions.client().balance('joe', { signal: controller.signal });
    await regions.east.received(1);
    controller.abort(REASON);

    await expect(call).rejects.toBeInstanceOf(UnavailableError);
    await expect(call).rejects.toMatchObject({ cause: REASON });
  });

  test('ends a call between two rounds as unavailable when none was executed', async ({ regions }) => {
    regions.usually(refuse('unavailable', { executed: false }));
    const controller = new AbortController();
    const call = regions.client({ onEvent: ({ type }) => type === 'waiting' && controller.abort(REASON) });

    await expect(call.deposit('joe', 10n, { signal: controller.signal })).rejects.toMatchObject({
      code: 'unavailable',
      cause: REASON,
    });
    expect(regions.arrivals).toHaveLength(2);
    expect(regions.time.timers).toBe(0);
  });

  test('ends only the call that it was given to', async ({ regions }) => {
    regions.east.next(hang);
    const controller = new AbortController();
    const client = regions.client();
    const aborted = client.deposit('joe', 1n, { signal: controller.signal });
    aborted.catch(() => {});
    await regions.east.received(1);
    const other = client.deposit('joe', 2n);
    controller.abort(REASON);

    await expect(aborted).rejects.toMatchObject({ cause: REASON });
    expect(await other).toMatchObject({ balance: 2n });
  });
});

test('null, which JavaScript may pass, is no signal, as it is for fetch', async ({ regions }) => {
  expect(await regions.client().deposit('joe', 1n, { signal: null as never })).toMatchObject({ balance: 1n });
});

describe('a listener that throws', () => {
  test('changes no call: its error is uncaught, as that of any event listener', async ({ regions }) => {
    regions.east.next(refuse('unavailable'));
    const fault = new Error('the fault of the listener');
    const uncaught = await uncaughtDuring(async () => {
      const client = regions.client({
        onEvent: () => {
          throw fault;
        },
      });
      expect(await client.deposit('joe', 10n)).toMatchObject({ balance: 10n });
    });

    expect(uncaught).toEqual(typesOf(regions.events).map(() => fault));
    expect(regions.bank.executions).toHaveLength(1);
  });
});

/** Replaces the listeners of the test runner, which would report an event as a failure of the run. */
async function uncaughtDuring(work: () => Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const collect = (error: unknown) => errors.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', collect);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('uncaughtException', collect);
    for (const other of others) {
      process.on('uncaughtException', other);
    }
  }
  return errors;
}
