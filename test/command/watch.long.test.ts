import { beforeAll, expect, vi } from 'vitest';
import { plain } from '../../client/command/terminal.ts';
import { changeOf, isNews, toText } from '../../client/command/watch.ts';
import { both, buildCommand, startBank } from '../support/bank-command.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { test } from '../support/two-regions.ts';
import { expectDocumented, ONE_ROUND, runHere, runToEnd } from './in-process.ts';

beforeAll(buildCommand);

const QUICK = ['--interval-ms', '100', '--timeout-ms', '5000'];
/** Waits until an expectation about the output is met. */
const until = (condition: () => void) => vi.waitFor(condition, { timeout: 30_000, interval: 20 });
/** A line without its time, which is also checked. */
const untimed = (line: string) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}/, '');

test('watch prints each change of the balance, and survives the loss of Regions', async ({ regions }) => {
  const client = regions.client();
  const ending = new AbortController();
  const run = runHere(['watch', 'joe', ...QUICK, ...both(regions)], { signal: ending.signal });
  const printed = () => run.stdout.map(untimed);
  const aside = () => run.stderr.map(untimed);

  await until(() => expect(printed()).toEqual(['no such account  us-east-1']));
  await client.deposit('joe', 10n);
  await until(() => expect(printed().at(-1)).toBe('10  us-east-1'));

  await regions.east.stop();
  await until(() =>
    expect(aside()).toEqual([
      expect.stringMatching(/^(cannot connect|lost the connection) to us-east-1; reading from us-east-2$/),
    ]),
  );
  await client.deposit('joe', 15n);
  await until(() => expect(printed().at(-1)).toBe('25  us-east-2'));

  await regions.west.stop();
  await until(() =>
    expect(aside().at(-1)).toMatch(/^no Region answers; still trying\. The call got no answer/),
  );
  await regions.west.restart();
  await until(() => expect(printed().slice(2)).toEqual(['25  us-east-2', '25  us-east-2']));

  await regions.east.restart();
  await until(() => expect(aside().at(-1)).toBe('us-east-1 works again; reading from us-east-1'));
  ending.abort();
  expect(await run.code).toBe(0);
  expect(printed()).toHaveLength(4);
});

test('watch prints one JSON object a line, with the members that its page names', async ({ regions }) => {
  const ending = new AbortController();
  const args = ['watch', 'joe', '--json', '-v', ...QUICK, ...both(regions)];
  const run = runHere(args, { signal: ending.signal });
  const events = (lines: readonly string[]) => [...new Set(lines.map((line) => JSON.parse(line).event))];

  await until(() => expect(events(run.stdout)).toEqual(['no_account']));
  await regions.client().deposit('joe', 10n);
  await until(() => expect(events(run.stdout)).toEqual(['no_account', 'balance']));
  await regions.east.stop();
  await until(() => expect(events(run.stderr)).toContain('endpoint_changed'));
  await regions.west.stop();
  await until(() => expect(events(run.stderr)).toContain('unavailable'));
  ending.abort();
  expect(await run.code).toBe(0);
  expectDocumented('watch', 'stdout', run.stdout);
  expectDocumented('watch', 'stderr', run.stderr);
  expect(JSON.parse(run.stdout.at(-1) ?? '')).toEqual({
    event: 'balance',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    account: 'joe',
    balance: '10',
    held: '0',
    region: 'us-east-1',
  });
});

test('watch ends by itself when its time is up', async ({ regions }) => {
  const watch = ['watch', 'joe', '--seconds', '1', ...QUICK, ...both(regions)];
  expect(await runToEnd(watch)).toMatchObject({ code: 0 });
  expect(regions.arrivals.length).toBeGreaterThan(0);
});

test('watch, as a program, ends with 0 at Ctrl-C, and when its output is closed', async ({ regions }) => {
  const watched = startBank(['watch', 'joe', ...QUICK, ...both(regions)]);
  const deserted = startBank(['watch', 'joe', ...QUICK, ...both(regions)]);
  const firstLine = (child: typeof watched.child) =>
    new Promise((resolve) => child.stdout?.once('data', resolve));
  await Promise.all([firstLine(watched.child), firstLine(deserted.child)]);
  watched.child.kill('SIGINT');
  expect(await watched.ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\S+Z {2}no such account {2}us-east-1\n$/),
    stderr: [],
  });

  deserted.child.stdout?.destroy();
  await regions.client().deposit('joe', 1n);
  expect(await deserted.ended).toMatchObject({ code: 0, stderr: [] });
});

test('watch does not begin where there is no bank', async () => {
  const args = ['watch', 'joe', '--endpoint', await refusingUrl()];
  const { code, stdout, stderr } = await runToEnd(args, { world: ONE_ROUND });
  expect({ code, stdout }).toEqual({ code: 5, stdout: [] });
  expect(stderr.at(-1)).toMatch(/^No server listens at .* npm start/);
});

test('a balance is news when it, the held money or the status has changed, or it is heard of again, and another Region alone is none', () => {
  const at = (balance: bigint, { held = 0n, region = 'us-east-1' } = {}) =>
    ({ event: 'balance', account: 'joe', balance, held, region }) as const;
  const silence = { event: 'unavailable', message: '' } as const;
  expect(isNews(undefined, at(1n))).toBe(true);
  expect(isNews(at(1n), at(1n, { region: 'us-east-2' }))).toBe(false);
  expect(isNews(at(1n), at(2n))).toBe(true);
  expect(isNews(at(1n), at(1n, { held: 1n }))).toBe(true);
  expect(isNews(at(1n), { ...at(1n), debits: 'frozen' })).toBe(true);
  expect(isNews({ ...at(1n), debits: 'frozen' }, { ...at(1n), credits: 'frozen' })).toBe(true);
  expect(isNews(at(1n), silence)).toBe(true);
  expect(isNews(silence, silence)).toBe(false);
  expect(isNews(silence, at(1n))).toBe(true);
});

test('a reading has what is held, and whether the account is frozen', () => {
  const reading = { event: 'balance', account: 'joe', balance: 15n, held: 10n, region: 'us-east-1' } as const;
  expect(toText(reading, plain)).toBe('15 (10 held)  us-east-1');
  const frozen = { ...reading, held: 0n, debits: 'frozen', credits: 'frozen' } as const;
  expect(toText(frozen, plain)).toBe('15  us-east-1  frozen for debits and credits');
});

test('a Region is blamed for its own failure, and for no other', () => {
  const [east, west] = ['us-east-1', 'us-east-2'].map((name) => ({
    name,
    region: name,
    url: `http://${name}`,
  }));
  if (east === undefined || west === undefined) {
    throw new Error('two Regions');
  }
  const failed = {
    type: 'attempt_failed',
    attempt: 1,
    durationMs: 1,
    endpoint: east,
    reason: 'timed_out',
    executed: 'no',
    cause: undefined,
  } as const;
  const changed = { type: 'endpoint_changed', from: east, to: west } as const;
  expect(toText(changeOf(changed, failed), plain)).toBe('timeout from us-east-1; reading from us-east-2');
  const back = { type: 'endpoint_changed', from: west, to: east } as const;
  expect(toText(changeOf(back, failed), plain)).toBe('us-east-1 works again; reading from us-east-1');
});
