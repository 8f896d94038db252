import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../../client/load/check.ts';
import { descendants, type ProcessInfo, survivors, untilGone } from '../../support/leftovers.ts';
import { programIn, startProgram } from '../../support/program.ts';
import { seedOf } from '../../support/seed.ts';
import { pause } from '../../support/started-bank.ts';
import { checkHistory } from '../history/check.ts';
import { parseHistory } from '../history/event.ts';
import { KIND_NAMES } from './plan.ts';
import type { FaultTotal } from './summary.ts';

/** Enough for a run in which a step waits until its own time limit. */
const TIMEOUT_MS = 180_000;
const seed = String(seedOf('chaos'));

const PROGRAM = programIn('test/proof/chaos/main.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twinbank-chaos-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 200 }));

/** Starts a run that writes its report into the folder. */
function start(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  program: readonly string[] = PROGRAM,
) {
  return startProgram([...program, ...args, '--report', join(folder, 'deep', 'report.html')], {
    // Its own DynamoDB, whatever the tests use: what it starts is what it has to stop.
    env: { ...process.env, DYNAMODB_ENDPOINT: '', npm_config_loglevel: 'silent', ...environment },
  });
}

function read(suffix: 'html' | 'jsonl'): string {
  return readFileSync(join(folder, 'deep', `report.${suffix}`), 'utf8');
}

/** All processes of a run, once its clients are up. */
async function processesOf(pid: number): Promise<readonly ProcessInfo[]> {
  for (;;) {
    const below = await descendants(pid);
    if (below.some(({ command }) => command.includes('/client.mjs'))) {
      return below;
    }
    await pause();
  }
}

function brokenIn(checks: readonly { name: string; broken: { count: number } }[]): string[] {
  return checks.filter(({ broken }) => broken.count > 0).map(({ name }) => name);
}

describe('npm run chaos', () => {
  test('injects every fault, finds every promise kept, and exits with 0', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const args = ['--minutes', '0.3', '--seed', seed, '--json'];
    const { code, stdout, stderr } = await start(args, {}, ['npm', 'run', '--silent', 'chaos', '--']).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ seed: Number(seed), ok: true, unknown: { unresolved: 0 } });
    const checks = summary.checks.map(({ name, kept }: Check & { kept: boolean }) => `${name} ${kept}`);
    // I3 is of accounts that made no transfer, which there may be none of.
    expect(checks.filter((check: string) => check !== 'I3 true')).toEqual(
      ['I1', 'I2', 'I4', 'I4r', 'I5', 'I6', 'I7', 'I10', 'statement', 'transfers', 'keys', 'rules'].map(
        (name) => `${name} true`,
      ),
    );
    const occurred = summary.faults.filter(({ times }: FaultTotal) => times > 0);
    expect(occurred.map(({ kind }: FaultTotal) => kind)).toEqual(KIND_NAMES);
    expect(summary.outcomes.executed).toBeGreaterThan(0);
    expect(summary.pages).toBeGreaterThan(0);
    expect(summary.moved.transfers).toBeGreaterThan(0);

    const history = parseHistory(read('jsonl'));
    expect(history).toHaveLength(summary.history.events);
    expect(checkHistory(history)).toMatchObject({ ok: true });
    const html = read('html');
    expect(html).toContain(`Chaos, seed ${seed}: passed`);
    expect(html).toContain('<polyline class="line region0"');
    expect(html).toContain('class="band table"');
    expect(html).toContain(`npm run chaos -- --minutes 0.3 --seed ${seed}`);
  });

  test('detects a sabotaged table, and exits with 1', { timeout: TIMEOUT_MS }, async () => {
    const args = ['--minutes', '0.1', '--seed', seed, '--json', '--sabotage', 'strip-condition'];
    const { code, stdout } = await start(args).ended;
    expect(code).toBe(1);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ ok: false, sabotage: 'strip-condition' });
    expect(brokenIn(summary.checks)).toEqual(expect.arrayContaining(['I2', 'statement']));
    expect(read('html')).toContain('NOT PASSED');
  });

  test('at Ctrl-C checks the calls so far, and leaves nothing running', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { child, ended } = start(['--minutes', '5', '--seed', seed]);
    const known = await processesOf(Number(child.pid));
    child.kill('SIGINT');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(await survivors(known)).toEqual([]);
    expect(stderr).toContain('Ending: the calls so far are checked.');
    expect(stdout).toContain('ended early');
    expect(stdout).not.toContain('BROKEN');
    // How many calls there were depends on the machine. Without any, nothing was judged, which is no pass.
    expect(code).toBe(/^Passed\.$/m.test(stdout) ? 0 : 1);
  });

  test('at a second Ctrl-C, later, ends everything at once', { timeout: TIMEOUT_MS }, async () => {
    const { child, ended } = start(['--minutes', '5', '--seed', seed]);
    const known = await processesOf(Number(child.pid));
    // A frozen process cannot end by itself, so the run cannot end by itself either.
    for (const { pid, command } of known) {
      if (command.includes('/client.mjs')) {
        process.kill(pid, 'SIGSTOP');
      }
    }
    child.kill('SIGINT');
    const again = setInterval(() => child.kill('SIGINT'), 500);
    const { code, stderr } = await ended;
    clearInterval(again);
    expect(await survivors(known)).toEqual([]);
    expect({ code, said: stderr.includes('The run was given up.') }).toEqual({ code: 1, said: true });
  });

  test('leaves nothing running when it is killed', { timeout: TIMEOUT_MS }, async () => {
    const { child, ended } = start(['--minutes', '5', '--seed', seed], { TMPDIR: folder });
    const known = await processesOf(Number(child.pid));
    child.kill('SIGKILL');
    await ended;
    await untilGone(known, folder);
  });

  test('exits with 1 when a client process ends by itself', { timeout: TIMEOUT_MS }, async () => {
    const { child, ended } = start(['--minutes', '5', '--seed', seed]);
    const known = await processesOf(Number(child.pid));
    const victim = known.find(({ command }) => command.includes('/client.mjs'));
    process.kill(Number(victim?.pid), 'SIGKILL');
    const { code, stderr } = await ended;
    expect(await survivors(known)).toEqual([]);
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr).toMatch(/^Client process [1-4] ended by itself\.$/m);
  });

  test('exits with 1, and says that nothing was judged, when the bank does not start', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const nothingThere = { DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' };
    const { code, stdout, stderr } = await start(['--minutes', '0.1', '--seed', seed], nothingThere).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^NOT JUDGED: nothing was checked\.\n.+$/m);
  });

  test.each([
    [['--minutes', '0'], '--minutes: expected a number from 0.1 to 60, got "0"'],
    [['--minutes', '60', '--pace', '20'], '864000 calls are too many for one run, which takes 250000'],
  ])('exits with 2 if the command line is not valid: %j', async (args, message) => {
    const { code, stdout, stderr } = await start(args).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${message}\n` });
  });
});
