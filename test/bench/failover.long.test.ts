import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateway, hang, refuse } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { descendants } from '../support/leftovers.ts';
import { call } from '../support/started-bank.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';
import { audit } from './failover/accounts.ts';
import { type Ending, openCaller } from './failover/callers.ts';
import { measureFailover } from './failover/measure.ts';
import { CALLERS, type CallerName, FAULTS } from './failover/result.ts';

const DEPOSIT = { body: { amount: '1' } };

/** A deposit of 1, each time with a key of its own. */
function deposit(url: string, account = 'joe') {
  return call('POST', `${url}/accounts/${account}/deposits`, { ...DEPOSIT, key: newKey() });
}

describe.concurrent('the callers', () => {
  async function depositBy(name: CallerName, { east, west }: TwoRegions): Promise<Ending> {
    const addresses = [east.url, west.url] as const;
    const caller = openCaller(name, { addresses, account: name, patienceMs: 500 });
    try {
      return await caller.deposit();
    } finally {
      await caller.close();
    }
  }
  const depositByAll = async (regions: TwoRegions) =>
    Object.fromEntries(
      await Promise.all(CALLERS.map(async (name) => [name, await depositBy(name, regions)] as const)),
    );
  const answeredBy = (region: string) => ({ kind: 'answered', region });
  const timedOut = { kind: 'timed_out', key: expect.any(String) };

  it('are all answered by the preferred Region when it is well', async () => {
    await using regions = await startTwoRegions();
    const east = answeredBy('us-east-1');
    expect(await depositByAll(regions)).toEqual({
      bank: east,
      bank_hedged: east,
      one_address: east,
      tutorial: east,
    });
  });

  it.each([
    { name: 'is killed', fail: ({ east }: TwoRegions) => east.stop() },
    {
      name: 'hangs',
      fail: ({ east }: TwoRegions) => {
        east.usually = hang;
      },
    },
    {
      name: 'answers 503',
      fail: ({ east }: TwoRegions) => {
        east.usually = gateway(503, 'Service Unavailable');
      },
    },
  ])(
    'are answered by the other Region when it $name, but for the one who knows one address',
    async ({ fail }) => {
      await using regions = await startTwoRegions();
      await fail(regions);
      const west = answeredBy('us-east-2');
      expect(await depositByAll(regions)).toEqual({
        bank: west,
        bank_hedged: west,
        one_address: timedOut,
        tutorial: west,
      });
    },
  );

  it("can tell, if they are the bank's client, what is unavailable from what is unknown", async () => {
    await using down = await startTwoRegions();
    await Promise.all([down.east.stop(), down.west.stop()]);
    await using silent = await startTwoRegions();
    silent.east.usually = hang;
    silent.west.usually = hang;
    const [whenDown, whenSilent] = await Promise.all([depositByAll(down), depositByAll(silent)]);
    const plain = { one_address: timedOut, tutorial: timedOut };
    const unavailable = { kind: 'unavailable' };
    const unknown = { kind: 'unknown', key: expect.any(String) };
    expect(whenDown).toEqual({ bank: unavailable, bank_hedged: unavailable, ...plain });
    expect(whenSilent).toEqual({ bank: unknown, bank_hedged: unknown, ...plain });
  });

  it('retry with the key of the call', async () => {
    await using regions = await startTwoRegions();
    regions.east.next(gateway(503, 'Service Unavailable'), gateway(503, 'Service Unavailable'));
    expect(await depositBy('one_address', regions)).toEqual(answeredBy('us-east-1'));
    expect(new Set(regions.arrivals.map(({ key }) => key)).size).toBe(1);
    expect(regions.arrivals).toHaveLength(3);
  });

  it("try the first address first each time, if they do what the tutorial's does", async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = gateway(503, 'Service Unavailable');
    await depositBy('tutorial', regions);
    await depositBy('tutorial', regions);
    const [east, west] = ['us-east-1', 'us-east-2'];
    expect(regions.arrivals.map(({ region }) => region)).toEqual([east, west, east, west]);
    expect(new Set(regions.arrivals.map(({ key }) => key)).size).toBe(2);
  });

  it('do not take a refusal for a failure of the Region', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = refuse('bad_request');
    for (const name of CALLERS) await expect(depositBy(name, regions)).rejects.toThrow();
  });
});

describe.concurrent('the audit', () => {
  const report = (ending: Ending) => ({ beganAtMs: 0, durationMs: 0, ending });
  const signal = AbortSignal.timeout(30_000);

  it('makes sure of what is unknown, with the same key, and finds every account as it was answered', async () => {
    await using regions = await startTwoRegions();
    const { east, west } = regions;
    await deposit(east.url);
    const executed = newKey();
    await call('POST', `${east.url}/accounts/joe/deposits`, { ...DEPOSIT, key: executed });
    const reports = [
      report({ kind: 'answered', region: 'us-east-1' }),
      report({ kind: 'timed_out', key: executed }),
      report({ kind: 'unknown', key: newKey() }),
      report({ kind: 'unavailable' }),
    ];
    expect(await audit([{ account: 'joe', reports }], [west.url, east.url], signal)).toEqual({
      calls: 4,
      answered: 1,
      unavailable: 1,
      settled: 2,
    });
    expect(regions.bank.balanceOf('joe')).toBe(3n);
  });

  it.each([
    { name: 'an answer that was not executed', endings: 2 },
    { name: 'a deposit that nobody was answered', endings: 0 },
  ])('is an error when it finds $name', async ({ endings }) => {
    await using regions = await startTwoRegions();
    await deposit(regions.east.url);
    const reports = Array.from({ length: endings }, () => report({ kind: 'answered', region: 'us-east-1' }));
    await expect(audit([{ account: 'joe', reports }], [regions.west.url], signal)).rejects.toMatchObject({
      code: 'money_lost',
    });
  });
});

describe('measuring failover', () => {
  const plan = { trials: 1, laterCalls: 1, slowCalls: 4, seed: 1, patienceMs: 1000 };

  /** Where measurements of this process put their files, and nobody else his. */
  let folder: string;
  const before = process.env['TMPDIR'];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinbank-failover-test-'));
    process.env['TMPDIR'] = folder;
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(folder, { recursive: true, force: true });
  });

  /** Processes and folders of a measurement. */
  async function leftovers(): Promise<readonly string[]> {
    const below = await descendants(process.pid);
    const ours = below.filter(({ command }) => /twinbank-failover|infra.local/.test(command));
    const folders = (await readdir(folder)).filter((name) => name.startsWith('twinbank-failover-'));
    return [...ours.map(({ command }) => command), ...folders];
  }

  it('tells of every caller under every fault, accounts for every call, and leaves nothing', {
    timeout: 180_000,
  }, async () => {
    const result = await measureFailover(plan, () => {}, new AbortController().signal);
    expect(await leftovers()).toEqual([]);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);

    const outages = FAULTS.filter((fault) => fault !== 'slow');
    expect(result.outages.map(({ fault, caller }) => `${fault} ${caller}`)).toEqual(
      outages.flatMap((fault) => CALLERS.map((caller) => `${fault} ${caller}`)),
    );
    for (const {
      caller,
      firstEnded,
      followingEnded,
      left,
      healthyMs,
      firstMs,
      followingMs,
    } of result.outages) {
      const ended = caller === 'one_address' ? { timed_out: 1, answered: 0 } : { answered: 1, timed_out: 0 };
      expect({ firstEnded, followingEnded, left }).toEqual({
        firstEnded: { unavailable: 0, unknown: 0, ...ended },
        followingEnded: { unavailable: 0, unknown: 0, ...ended },
        left: caller === 'one_address' ? 0 : 1,
      });
      expect([healthyMs.samples, firstMs.samples, followingMs.samples]).toEqual([1, 1, 1]);
    }
    expect(result.slow.map(({ caller, latencies }) => `${caller} ${latencies.calls}`)).toEqual(
      CALLERS.map((caller) => `${caller} 4`),
    );
    const { calls, answered, unavailable, settled } = result.accounting;
    expect(calls).toBe(answered + unavailable + settled);
  });

  it('is given up with the reason of the signal, and leaves nothing', { timeout: 180_000 }, async () => {
    const ending = new AbortController();
    const reason = new Error('given up');
    const onProgress = (says: string) => {
      if (says.includes('frozen')) ending.abort(reason);
    };
    await expect(measureFailover(plan, onProgress, ending.signal)).rejects.toBe(reason);
    expect(await leftovers()).toEqual([]);
  });

  it('refuses a plan without calls before it starts anything', async () => {
    const nothing = { ...plan, laterCalls: 0 };
    await expect(measureFailover(nothing, () => {}, new AbortController().signal)).rejects.toMatchObject({
      code: 'plan_unusable',
    });
  });
});
