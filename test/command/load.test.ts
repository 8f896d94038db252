import { expect } from 'vitest';
import { LostRegions } from '../../client/command/lost-regions.ts';
import { HEADERS } from '../../client/contract/schemas.ts';
import { both } from '../support/bank-command.ts';
import { answer, gateway } from '../support/behaviours.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { newKey } from '../support/keys.ts';
import { type TwoRegions, realTimeTest as test } from '../support/two-regions.ts';
import { ONE_ROUND, runHere, runToEnd } from './in-process.ts';

const SEEDED = ['--clients', '2', '--accounts', '1', '--seed', '7'];

/** Puts load on the bank until it has got this number of requests, then ends it as Ctrl-C does. */
async function load(regions: TwoRegions, requests: number, ...args: readonly string[]) {
  const ending = new AbortController();
  const before = regions.arrivals.length;
  const run = runHere(['load', '--seconds', '600', ...args, ...both(regions)], { signal: ending.signal });
  await regions.east.received(before + requests);
  ending.abort();
  return { code: await run.code, stdout: run.stdout, arrivals: regions.arrivals.slice(before) };
}

test('bank load ends with 0 when the books balance', async ({ regions }) => {
  const { code, stdout } = await load(regions, 50);
  expect({ code, verdict: stdout.at(-1) }).toEqual({
    code: 0,
    verdict: expect.stringMatching(
      /^The books balance: .* the 16 accounts, read in us-east-1 and us-east-2\.$/,
    ),
  });
});

test('bank load says that its time was up', async ({ regions }) => {
  const args = ['load', '--seconds', '1', '--clients', '1', '--json', ...both(regions)];
  const { code, stdout } = await runToEnd(args);
  expect(code).toBe(0);
  expect(JSON.parse(stdout.at(-1) ?? '')).toMatchObject({ event: 'verdict', ended: 'time' });
});

test('bank load ends with 4, and says why, when a Region refuses its statements', async ({ regions }) => {
  regions.west.usually = (exchange) => {
    const isStatement = exchange.request.path.includes('/entries');
    const behaviour = isStatement ? gateway(403, 'Forbidden') : answer;
    behaviour(exchange);
  };
  const { code, stdout } = await load(regions, 50, ...SEEDED);
  expect({ code, checks: stdout.filter((line) => /^[A-Z]+ /.test(line)) }).toEqual({
    code: 4,
    checks: [expect.stringMatching(/^OPEN {4}statement /)],
  });
  expect(stdout.at(-1)).toMatch(/-1 in us-east-2: not authorized$/);
});

test('bank load ends with 1 when a bank executes a call twice', async ({ regions }) => {
  let isDone = false;
  regions.east.usually = async (exchange) => {
    const { request, bank } = exchange;
    if (!isDone && request.path.endsWith('/deposits')) {
      isDone = true;
      await bank.handle({ ...request, headers: { ...request.headers, [HEADERS.idempotencyKey]: newKey() } });
    }
    await answer(exchange);
  };
  // With this seed, there is a deposit among the first calls of the clients.
  const { code, stdout } = await load(regions, 50, ...SEEDED);
  expect({ isDone, code }).toEqual({ isDone: true, code: 1 });
  expect(stdout).toEqual(
    expect.arrayContaining([
      'The books do not balance, read in us-east-1 and us-east-2:',
      expect.stringMatching(/^BROKEN {2}I2 /),
      expect.stringMatching(/^ +load-[0-9a-f]{12}-1 in us-east-1: \d+ instead of \d+$/),
      expect.stringMatching(/^BROKEN {2}statement /),
      expect.stringMatching(/^ +load-[0-9a-f]{12}-1 in us-east-2: no call had the key /),
    ]),
  );
});

test('bank load asks the same from the same seed, of new accounts', async ({ regions }) => {
  const requests = async () => {
    const { arrivals } = await load(regions, 20, '--clients', '1', '--accounts', '3', '--seed', '7');
    // The first request only checks that there is a bank. The last one may have been cut off by the end.
    return arrivals.slice(1, 16).map(({ method, path, body }) => ({ method, path, body }));
  };
  const [one, other] = [await requests(), await requests()];
  const anonymous = (asked: typeof one) => JSON.stringify(asked).replaceAll(/load-[0-9a-f]{12}/g, 'load');
  expect(anonymous(other)).toBe(anonymous(one));
  expect(JSON.stringify(other)).not.toBe(JSON.stringify(one));
});

test('the counts of bank load add up to its calls', async ({ regions }) => {
  const { stdout } = await load(regions, 50, '--clients', '2');
  const [calls = 0, ...parts] = stdout.slice(0, 6).map((line) => Number(line.trim().split(' ')[0]));
  expect(calls).toBeGreaterThan(20);
  expect(parts.reduce((sum, part) => sum + part, 0)).toBe(calls);
  expect(stdout[0]).toMatch(/ a second; p50 [\d.]+ ms, p99 [\d.]+ ms$/);
});

test('a Region is lost when no client is answered by it after a failure, and answers again when one is', () => {
  const endpoint = { name: 'us-east-1', url: 'http://127.0.0.1:3020', region: 'us-east-1' };
  const regions = new LostRegions();
  const fail = () =>
    regions.learn({
      ...{ type: 'attempt_failed', attempt: 1, endpoint, durationMs: 3 },
      ...{ reason: 'cannot_connect', executed: 'no', cause: undefined },
    });
  const answerOnce = () =>
    regions.learn({
      ...{ type: 'attempt_answered', attempt: 1, endpoint, durationMs: 3 },
      ...{ region: 'us-east-1', status: 200 },
    });
  fail();
  answerOnce();
  expect(regions.look()).toEqual([]);
  fail();
  expect(regions.look()).toEqual([{ isLost: true, words: 'us-east-1 is lost: cannot connect' }]);
  expect({ lost: regions.lost, changes: regions.look() }).toEqual({ lost: ['us-east-1'], changes: [] });
  answerOnce();
  expect(regions.look()).toEqual([{ isLost: false, words: 'us-east-1 answers again' }]);
  expect(regions.lost).toEqual([]);
  answerOnce();
  fail();
  expect(regions.look(), 'it has answered since the last look').toEqual([]);
  expect(regions.look()).toMatchObject([{ isLost: true }]);
});

test('bank load does not begin where there is no bank', async () => {
  const args = ['load', '--endpoint', await refusingUrl()];
  const { code, stdout, stderr } = await runToEnd(args, { world: ONE_ROUND });
  expect({ code, stdout }).toEqual({ code: 5, stdout: [] });
  expect(stderr.at(-1)).toMatch(/^No server listens at .* npm start/);
});
