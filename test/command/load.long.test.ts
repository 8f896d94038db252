import { afterAll, beforeAll, expect, vi } from 'vitest';
import { HEADERS } from '../../client/contract/schemas.ts';
import { type Environment, platform } from '../../client/environment.ts';
import { both, buildCommand, startBank } from '../support/bank-command.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { type ProxiedRegions, startProxiedRegions } from '../support/proxied-regions.ts';
import { HAS_TERMINAL, Terminal } from '../support/terminal.ts';
import { realTimeTest as test } from '../support/two-regions.ts';
import { expectDocumented, runHere } from './in-process.ts';

let proxied: ProxiedRegions;
beforeAll(async () => {
  await buildCommand();
  proxied = await startProxiedRegions();
});
afterAll(() => proxied[Symbol.asyncDispose]());

/** The tests end each load when it has reached a state, not after a time. */
const SMALL = ['--clients', '4', '--accounts', '2', '--seconds', '600'];

/**
 * Loses every seventh call until its key is cancelled: its attempts get no answer, and every second attempt does not even arrive.
 */
function losing(keys: string[]): FaultProxy['decide'] {
  const cancelled = new Set<string>();
  return ({ method, path, headers }) => {
    if (method === 'PUT') {
      cancelled.add(path.split('/').at(-1) ?? '');
    }
    const key = headers[HEADERS.idempotencyKey];
    if (method !== 'POST' || typeof key !== 'string' || cancelled.has(key)) {
      return { kind: 'pass' };
    }
    if (!keys.includes(key)) {
      keys.push(key);
    }
    const number = keys.indexOf(key);
    if (number % 7 !== 3) {
      return { kind: 'pass' };
    }
    return { kind: number % 2 === 0 ? 'drop_reply' : 'drop_request' };
  };
}

test('bank load resolves what is unknown, on a real table, and finds that the books balance', async () => {
  const keys: string[] = [];
  proxied.decide(losing(keys));
  const ending = new AbortController();
  const endpoints = proxied.urls.flatMap((url, index) => ['--endpoint', `us-east-${index + 1}=${url}`]);
  const run = runHere(['load', ...SMALL, '--timeout-ms', '1500', '--json', ...endpoints], {
    signal: ending.signal,
  });
  await vi.waitFor(
    () => {
      // By then, calls of both kinds are lost, whether they have timed out or are still under way.
      expect(keys.length).toBeGreaterThan(20);
      expect(run.stdout.some((line) => JSON.parse(line).event === 'progress')).toBe(true);
    },
    { timeout: 30_000 },
  );
  ending.abort();
  expect({ code: await run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: [] });
  expectDocumented('load', 'stdout', run.stdout);

  const lines = run.stdout.map((line) => JSON.parse(line));
  const [started] = lines;
  const verdict = lines.at(-1);
  expect([...new Set(lines.map(({ event }) => event))]).toEqual([
    'started',
    'progress',
    'resolving',
    'verdict',
  ]);
  expect(verdict).toMatchObject({
    verdict: 'balanced',
    ended: 'interrupted',
    accounts: 2,
    readIn: ['us-east-1', 'us-east-2'],
    notReadIn: [],
    resolved: { refused: expect.any(Number), unresolved: 0 },
  });
  expect(verdict.p50Ms).toBeGreaterThan(0);
  expect(verdict.p99Ms).toBeGreaterThanOrEqual(verdict.p50Ms);
  const { executed, refused, cancelled } = verdict.resolved;
  expect(executed + refused).toBeGreaterThan(0);
  expect(cancelled).toBeGreaterThan(0);
  expect(executed + refused + cancelled).toBe(verdict.unknown);

  // The verdict is compared with the table itself.
  const items = await Promise.all(started.accounts.map((account: string) => proxied.lab.item(account)));
  const total = items.reduce((sum, item) => sum + BigInt(item?.['balance'] ?? 0), 0n);
  expect(String(total)).toBe(verdict.totalMinor);
  proxied.heal();
});

test('bank load goes on when a Region is lost, and says which one could not be read', async ({ regions }) => {
  const ending = new AbortController();
  const run = runHere(['load', ...SMALL, '--timeout-ms', '1000', ...both(regions)], {
    signal: ending.signal,
  });
  await regions.east.received(20);
  await regions.east.stop();
  await vi.waitFor(
    () => expect(run.stderr).toContainEqual(expect.stringMatching(/^\d+ s {2}us-east-1 is lost: /)),
    { timeout: 30_000 },
  );
  await vi.waitFor(() => expect(run.progress.at(-1)).toContain('us-east-1 LOST  us-east-2 '), {
    timeout: 30_000,
  });
  ending.abort();
  expect(await run.code).toBe(0);
  const text = run.stdout.join('\n');
  expect(text).toMatch(
    /^Answered by: us-east-1 [\d,]+, us-east-2 [\d,]+; [\d,]+ after another Region had failed$/m,
  );
  expect(text).toContain('Not read in us-east-1: no answer.');
  const total =
    /The books balance: the executed calls come to (\d+), .* 2 accounts, read in us-east-2\.$/.exec(
      text,
    )?.[1];
  const [first = '', second = ''] = new Set(regions.bank.executions.map(({ account }) => account));
  expect(total).toBe(String(regions.bank.balanceOf(first) + regions.bank.balanceOf(second)));
});

test('bank load ends with 4 when no Region is left to show the balances', async ({ regions }) => {
  // When both Regions are gone, time passes twenty times faster: bank load tries for half a minute before it gives up.
  let pace = 1;
  const world: Environment = {
    ...platform,
    elapsedMs: () => platform.elapsedMs() * pace,
    setTimer: (callback, delayMs, options) => platform.setTimer(callback, delayMs / pace, options),
  };
  const args = ['load', '--clients', '2', '--accounts', '1', '--seconds', '600', ...both(regions)];
  const ending = new AbortController();
  const run = runHere(args, { world, signal: ending.signal });
  await vi.waitFor(() => expect(regions.arrivals.length).toBeGreaterThan(20), { timeout: 30_000 });
  await Promise.all([regions.east.stop(), regions.west.stop()]);
  pace = 20;
  ending.abort();
  expect(await run.code).toBe(4);
  expect(run.stdout.slice(-2)).toEqual([
    'Not read in us-east-1 and us-east-2: no answer.',
    'The books could not be verified: no Region answered.',
  ]);
});

test('bank load, as a program, ends at Ctrl-C with a verdict', async ({ regions }) => {
  const { child, ended } = startBank(['load', '--seconds', '600', ...both(regions)]);
  await regions.east.received(30);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: [
      expect.stringMatching(/^16 clients for 600 s on load-.*-1 to load-.*-16, seed \d+\./),
      expect.stringMatching(/^Ending: /),
    ],
  });
  expect(stdout).toMatch(/^The books balance: .* the 16 accounts/m);
  expect(stdout).not.toContain('\x1b');
});

test.runIf(HAS_TERMINAL)(
  'on a terminal, bank load shows its progress and colours the verdict',
  async ({ regions }) => {
    const args = ['load', '--clients', '1', '--accounts', '1', '--seconds', '600', ...both(regions)];
    const onTerminal = async (environment: NodeJS.ProcessEnv) => {
      const terminal = new Terminal(`client/command/bin/bank.js ${args.join(' ')}`, environment);
      await terminal.until(/\d+ s of 600 {2}[\d,]+ calls {2}[\d,]+ a second {2}us-east-1 [\d,]+/);
      const { text } = terminal;
      expect(text).toContain('\r\x1b[K');
      terminal.press('\x03');
      await terminal.ended;
      return text + terminal.text;
    };
    const [coloured, plain] = await Promise.all([onTerminal({}), onTerminal({ NO_COLOR: '1' })]);
    expect(coloured).toContain('\x1b[32mThe books balance:\x1b[0m');
    expect(plain).toContain('The books balance:');
    expect(plain.replaceAll('\x1b[K', '')).not.toContain('\x1b');
  },
);
