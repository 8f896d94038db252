import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { platform } from '../../client/environment.ts';
import { BankClient } from '../../client/index.ts';
import { type Call, send } from '../../client/load/call.ts';
import { isKept } from '../../client/load/check.ts';
import { inspect } from '../../client/load/inspect.ts';
import { finalOutcome, Ledger } from '../../client/load/ledger.ts';
import { askThrough, resolveInDoubt } from '../../client/load/resolve.ts';
import { runLoad } from '../../client/load/run.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { MemoryStore } from '../../functions/memory/store.ts';
import { type HttpRegion, startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';

const parts = { nowMs: () => Date.now(), keysNotBeforeMs: 0 };

let store: MemoryStore;
let regions: readonly HttpRegion[];
beforeEach(async () => {
  store = new MemoryStore(parts.nowMs);
  regions = await Promise.all(
    ['us-east-1', 'us-east-2'].map((name) => startHttpRegion(name, store, parts.nowMs)),
  );
});
afterEach(() => Promise.all(regions.map((region) => region[Symbol.asyncDispose]())));

const endpoints = () => regions.map(({ region, url }) => ({ name: region, region, url }));
const patience = { environment: platform, forMs: 30_000, pauseMs: 20, atOnce: 4 };

/** Sweeps again and again until the work is done. */
async function sweepDuring<T>(work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  work.then(done, done);
  while (!isDone) {
    await sweep({ ...parts, store }, AbortSignal.timeout(10_000), () => undefined);
    await setImmediate();
  }
  return await work;
}

describe('a load with transfers, holds and refunds', () => {
  test('has calls of every kind, and finds that the books balance', async () => {
    const ledger = new Ledger();
    await runLoad({
      ledger,
      seed: 7,
      clients: 4,
      maxCalls: 600,
      accountsOf: () => ['ann', 'joe', 'kim'],
      shares: { transfers: 0.3, holds: 0.3, refunds: 0.2 },
      connect: (_, onEvent) => new BankClient({ endpoints: endpoints(), onEvent }),
      environment: platform,
      signal: new AbortController().signal,
    });
    const options = { endpoints: endpoints(), options: {}, chance: () => 0.5, patience };
    const checks = await sweepDuring(inspect(ledger, options));

    expect(checks.filter((check) => !isKept(check))).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(['I1', 'I2', 'I4', 'I4r', 'I10', 'statement']);
    const executed = ledger.records.filter((record) => finalOutcome(record).kind === 'executed');
    expect(new Set(executed.map(({ call }) => call.kind))).toEqual(
      new Set(['balance', 'deposit', 'withdraw', 'transfer', 'hold', 'capture', 'void', 'refund']),
    );
    const refusals = ledger.records
      .map(finalOutcome)
      .flatMap((outcome) => ('code' in outcome ? [outcome.code] : []));
    expect(refusals).toContain('refund_exceeded');
    const types = [...store.heads.keys()].flatMap((account) =>
      [...(store.pages.get(account)?.values() ?? []), store.head(account)].flatMap(({ entries }) =>
        entries.map(({ body }) => body.kind),
      ),
    );
    expect(types).toEqual(expect.arrayContaining(['settled', 'expired', 'refunded']));
  });

  test('leaves a transfer open that does not end, and names it', async () => {
    await using client = new BankClient({ endpoints: endpoints() });
    const ledger = new Ledger();
    const key = newKey();
    const calls: readonly Call[] = [
      { kind: 'deposit', account: 'joe', amountMinor: 10n },
      { kind: 'deposit', account: 'ann', amountMinor: 10n },
      { kind: 'transfer', account: 'joe', to: 'ann', amountMinor: 4n, key },
    ];
    const append = store.append.bind(store);
    store.append = (asked) => {
      // The function always dies before the last write of the transfer.
      return asked.entries[0].body.kind === 'settled' ? new Promise(() => {}) : append(asked);
    };
    for (const call of calls) {
      const record = ledger.begin(call, 0);
      ledger.end(record, await send(client, call), { durationMs: 1, failedOver: false });
    }
    const options = {
      endpoints: endpoints(),
      options: {},
      chance: () => 0.5,
      patience: { ...patience, forMs: 300 },
    };
    const checks = await inspect(ledger, options);
    const { open } = checks.find(({ name }) => name === 'statement') ?? {};
    expect(open).toEqual(regions.map(({ region }) => `joe in ${region}: the transfer ${key} is under way`));
  });

  test.each(['retry', 'cancel'])('resolves a transfer that was given up half-way by a %s', async (way) => {
    await using client = new BankClient({ endpoints: endpoints() });
    await client.deposit('joe', 10n);
    await client.deposit('ann', 10n);
    const append = store.append.bind(store);
    const key = newKey();
    const call = { kind: 'transfer', account: 'joe', to: 'ann', amountMinor: 4n, key } as const;
    // The function dies before the credit.
    store.append = (asked) =>
      asked.entries[0].body.kind === 'executed' && asked.entries[0].body.asked.operation === 'credit'
        ? new Promise(() => {})
        : append(asked);
    const ledger = new Ledger();
    const record = ledger.begin(call, 0);
    await expect(client.transfer('joe', 'ann', 4n, { key, timeoutMs: 500 })).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(await client.outcome('joe', key)).toMatchObject({ outcome: 'pending' });
    store.append = append;
    await resolveInDoubt(ledger, askThrough(client), patience, way === 'retry' ? 5 : 0);
    expect(finalOutcome(record)).toMatchObject({ kind: 'executed', balanceMinor: 6n });
    expect((await client.balance('ann')).balance).toBe(14n);
  });
});
