import { expect, onTestFinished, test } from 'vitest';
import { operationOf } from '../../client/contract/operations.ts';
import type { Verdict } from '../../client/load/inspect.ts';
import { CALLS_AT_ONCE, headlineOf, LoadTest } from '../../infra/local/screen/page/load-test.ts';
import type { Load } from '../../infra/local/screen/page/state.ts';
import { answer, drop, executeAndHang } from '../support/behaviours.ts';
import { MemoryBank } from '../support/memory-bank.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';
import { seedOf } from '../support/seed.ts';

async function twoRegions() {
  const bank = new MemoryBank();
  // The load has holds that expire. Deployed, the scheduled function writes that; the checks wait for it.
  const sweeping = setInterval(() => bank.sweep(), 500);
  onTestFinished(() => clearInterval(sweeping));
  const start = async (region: string) => {
    const endpoint = await ScriptedEndpoint.start({ region, bank });
    onTestFinished(() => endpoint.stop());
    return endpoint;
  };
  return [await start('us-east-1'), await start('us-east-2')] as const;
}

type Done = Extract<Load, { phase: 'done' }>;

/** Runs a small load test, and gives all that it reported. */
async function loadOn(
  endpoints: readonly ScriptedEndpoint[],
  onChange: (load: Load) => void = () => {},
  length: { readonly seconds?: number; readonly maxCalls?: number } = {},
): Promise<{ reported: readonly Load[]; last: Done; runner: LoadTest }> {
  const reported: Load[] = [];
  const runner = new LoadTest({
    endpoints,
    clients: 12,
    seconds: 1,
    callTimeoutMs: 700,
    prefix: 'load-test',
    seed: seedOf('load-test'),
    ...length,
    onChange: (load) => {
      reported.push(load);
      onChange(load);
    },
  });
  await runner.run();
  return { reported, last: lastOf(reported), runner };
}

function lastOf(reported: readonly Load[]): Done {
  const last = reported.at(-1);
  if (last?.phase !== 'done') {
    throw new Error(`the run ended with ${last?.phase}`);
  }
  return last;
}

test('the run makes deposits and withdrawals, transfers, and holds of which it captures and voids some', async () => {
  const [east, west] = await twoRegions();
  await loadOn([east, west], undefined, { seconds: 600, maxCalls: 500 });
  const called = new Set(
    east.requests.map(({ method, path }) => operationOf(method, path)?.operation ?? path),
  );
  const moves = ['deposit', 'withdraw', 'transfer', 'hold', 'capture', 'captureTo', 'void'];
  expect([...called]).toEqual(expect.arrayContaining(moves));
});

test('the run says what ended it: the time, the number of calls, or its user', async () => {
  const regions = await twoRegions();
  expect((await loadOn(regions)).last.ended).toBe('time');
  expect((await loadOn(regions, undefined, { maxCalls: 20 })).last.ended).toBe('calls');
  const stopped: Load[] = [];
  const runner = new LoadTest({
    endpoints: regions,
    clients: 2,
    seconds: 600,
    callTimeoutMs: 700,
    prefix: 'load-stopped',
    seed: seedOf('load-test'),
    onChange: (load) => {
      stopped.push(load);
      if (load.phase === 'calling' && load.tally.calls > 0) {
        runner.stop();
      }
    },
  });
  await runner.run();
  expect(lastOf(stopped).ended).toBe('interrupted');
});

test('calls that no Region answered are resolved with their keys, and then the books balance', async () => {
  const [east, west] = await twoRegions();
  for (const endpoint of [east, west]) {
    endpoint.usually = executeAndHang;
  }
  const { reported, last } = await loadOn([east, west], ({ phase }) => {
    if (phase !== 'calling') {
      for (const endpoint of [east, west]) {
        endpoint.usually = answer;
      }
    }
  });
  const phases = ['calling', 'resolving', 'checking', 'done'];
  expect([...new Set(reported.map(({ phase }) => phase))]).toEqual(phases);
  expect(last.tally.unknown).toBeGreaterThan(0);
  expect(last.tally).toMatchObject({ executed: 0, refused: 0, resolved: last.tally.unknown });
  expect(last.verdict.totalMinor).toBeGreaterThan(0n);
  expect(headlineOf(last.verdict), JSON.stringify(last.verdict, replacer)).toBe('balanced');
});

test('a Region that does not answer is not taken for one that agrees, and is checked when it is back', async () => {
  const [east, west] = await twoRegions();
  let isLost = false;
  const { last, reported, runner } = await loadOn([east, west], ({ phase }) => {
    if (phase === 'resolving' && !isLost) {
      east.usually = drop;
    }
    isLost ||= phase === 'resolving';
  });
  expect(last.verdict).toMatchObject({ readIn: ['us-east-2'], notReadIn: ['us-east-1'] });
  expect(headlineOf(last.verdict)).toBe('partly');
  east.usually = answer;
  await runner.check();
  expect(headlineOf(lastOf(reported).verdict)).toBe('balanced');
});

test('no more calls are under way at once than a browser has connections for', async () => {
  const [east, west] = await twoRegions();
  let inside = 0;
  let most = 0;
  for (const endpoint of [east, west]) {
    endpoint.usually = (exchange) => {
      inside += 1;
      most = Math.max(most, inside);
      setTimeout(() => {
        inside -= 1;
        answer(exchange);
      }, 5);
    };
  }
  const answerAtOnce = ({ phase }: Load) => {
    if (phase !== 'calling') {
      east.usually = answer;
      west.usually = answer;
    }
  };
  await loadOn([east, west], answerAtOnce, { seconds: 600, maxCalls: 200 });
  expect(most).toBe(CALLS_AT_ONCE);
});

test.each<[ReturnType<typeof headlineOf>, Partial<Verdict>]>([
  ['balanced', {}],
  ['partly', { readIn: ['east'], notReadIn: ['west'] }],
  ['unread', { verdict: 'unverified', readIn: [], notReadIn: ['east', 'west'] }],
  ['wrong', { verdict: 'wrong' }],
  ['wrong', { verdict: 'wrong', readIn: ['east'], notReadIn: ['west'], inDoubt: 1 }],
  ['open', { verdict: 'unverified', inDoubt: 1 }],
  ['open', { verdict: 'unverified' }],
])('the headline is "%s" for %j', (headline, change) => {
  const verdict: Verdict = {
    verdict: 'balanced',
    accounts: 1,
    totalMinor: 0n,
    inDoubt: 0,
    readIn: ['east', 'west'],
    notReadIn: [],
    checks: [],
  };
  expect(headlineOf({ ...verdict, ...change })).toBe(headline);
});

function replacer(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
