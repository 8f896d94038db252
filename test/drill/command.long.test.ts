import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { answer, type Exchange } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { type Ended, type Running, startProgram } from '../support/program.ts';
import type { StartedBank } from '../support/started-bank.ts';
import { realTimeTest as regionsTest } from '../support/two-regions.ts';
import { FakeFis } from './fake-fis.ts';

/** `npm run drill`, run as its users run it, against the bank of an outputs file. */
class DrillCommand implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'twinbank-drill-'));
  readonly file = join(this.#folder, 'cdk-outputs.json');

  /** Writes the outputs of a bank at two addresses; both Regions have both experiments. */
  constructor(east: string, west: string) {
    const outputs = (region: string, url: string) => ({
      BankEndpoint: url,
      BankRegion: region,
      DrillReplication: `EXTreplication-${region}`,
      DrillFunction: `EXTfunction-${region}`,
    });
    const stacks = {
      'twinbank-tables': {},
      'twinbank-us-east-1': outputs('us-east-1', east),
      'twinbank-us-east-2': outputs('us-east-2', west),
    };
    writeFileSync(this.file, JSON.stringify(stacks));
  }

  /** Starts it in a group of its own, which a Ctrl-C can be sent to as a terminal sends it: to npm and to the drill. */
  start(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    program: readonly string[] = ['npm', 'run', '--silent', 'drill', '--'],
  ): Running {
    return startProgram([...program, '--outputs', this.file, ...args], {
      detached: true,
      env: { ...process.env, npm_config_loglevel: 'silent', ...environment },
    });
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.start(args, environment).ended;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Ctrl-C in the terminal of a process that leads its group. */
function interrupt({ pid }: ChildProcess): void {
  if (pid === undefined) {
    throw new Error('it never started');
  }
  process.kill(-pid, 'SIGINT');
}

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const REPLICATION = ['--fault', 'replication', '--region', FIRST, '--clients', '4', '--pace', '5'];

const lab = new BankLab();
let bank: StartedBank;
let command: DrillCommand;

beforeAll(async () => {
  bank = await (await lab.start(null)).ready();
  command = new DrillCommand(bank.region(FIRST).url, bank.region(SECOND).url);
});
afterAll(async () => {
  command[Symbol.dispose]();
  await lab.close();
});

/** FIS whose experiments kill a Region of the bank, and start it again when they are stopped. */
async function startFis(): Promise<FakeFis> {
  const fis = await FakeFis.start();
  fis.onStart = () => bank.say(`kill ${FIRST}`);
  fis.onStop = () => bank.say(`start ${FIRST}`);
  return fis;
}

const signedIn = (fis: FakeFis) => ({ ...KEYS, AWS_ENDPOINT_URL_FIS: fis.url });

describe('npm run drill', () => {
  test('starts the experiment of the Region, calls, stops it, verifies, and ends with 0', async () => {
    await using fis = await startFis();
    const args = [...REPLICATION, '--minutes', '0.2', '--json'];
    const { code, stdout, stderr } = await command.run(args, signedIn(fis));

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      bank: 'twinbank',
      fault: { name: 'replication', region: FIRST, problems: [] },
      clients: 4,
      interrupted: false,
      unknown: { unresolved: 0 },
      ok: true,
    });
    expect(report.traffic.failovers).toBeGreaterThan(0);
    expect(report.leftBehindMinor).toMatch(/^\d+$/);
    const kept = { kept: true, broken: { count: 0 } };
    expect(report.checks).toMatchObject(
      ['I1', 'I2', 'I3', 'I4', 'I4r', 'statement'].map((name) => ({ name, ...kept })),
    );
    expect(fis.experiments).toMatchObject([
      { template: `EXTreplication-${FIRST}`, token: report.run, status: 'stopped' },
    ]);
    for (const { headers } of fis.requests) {
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/fis\//,
      );
    }
  });

  test.each([
    // npm waits for the drill, and then ends by the signal, with any exit code of the drill.
    { by: 'npm', program: undefined, expected: null },
    {
      by: 'itself',
      program: [process.execPath, '--import', 'tsx', 'infra/tools/drill/main.ts'],
      expected: 0,
    },
  ] as const)('stops the experiment at Ctrl-C, and still verifies and reports: run by $by', async (run) => {
    await using fis = await startFis();
    const args = [...REPLICATION, '--minutes', '0.5', '--seed', '4711'];
    const { child, ended } = command.start(args, signedIn(fis), run.program && [...run.program]);
    await vi.waitFor(() => expect(fis.experiments).toHaveLength(1), { timeout: 50_000, interval: 100 });
    interrupt(child);
    interrupt(child);

    const { code, stdout, stderr } = await ended;
    expect(fis.experiments).toMatchObject([{ status: 'stopped' }]);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^Ending: the drill stops the fault/)]);
    expect(stdout).toMatch(/^Drill .* seed 4711, ended early$/m);
    expect(stdout).toMatch(/^ok {6}I2 .*checked/m);
    expect(stdout.trimEnd()).toMatch(/Passed\.$/);
    expect(code).toBe(run.expected);
  });

  test('ends with 2 when there are no credentials for FIS, before it sends a request', async () => {
    await using fis = await startFis();
    const { code, stdout, stderr } = await command.run(REPLICATION, {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_FIS: fis.url,
    });
    expect({ code, stdout, requests: fis.requests }).toEqual({ code: 2, stdout: '', requests: [] });
    expect(stderr).toMatch(/^The AWS credentials chain found no credentials: .*Nothing was sent\./);
  });
});

/** Executes the tenth deposit of each Region twice. */
function executesTwice(): (exchange: Exchange) => Promise<void> {
  let deposits = 0;
  return async (exchange) => {
    const { request, bank } = exchange;
    deposits += request.path.endsWith('/deposits') ? 1 : 0;
    if (request.path.endsWith('/deposits') && deposits === 10) {
      await bank.handle({ ...request, headers: { ...request.headers, 'idempotency-key': newKey() } });
    }
    await answer(exchange);
  };
}

// Every way in which a bank can break a promise is in test/load: the drill makes the same checks.
regionsTest.for([
  { bank: 'is right', isBroken: false },
  { bank: 'executes a deposit twice', isBroken: true },
])(
  'npm run drill tells what it found, and ends accordingly, when the bank $bank',
  async ({ isBroken }, { regions }) => {
    if (isBroken) {
      regions.east.usually = executesTwice();
      regions.west.usually = executesTwice();
    }
    using command = new DrillCommand(regions.east.url, regions.west.url);
    const { code, stdout } = await command.run([
      ...['--fault', 'none', '--region', 'us-east-2', '--minutes', '0.1', '--pace', '10'],
    ]);
    const broken = [...stdout.matchAll(/^BROKEN {2}(\w+) .*broken\)$/gm)].map(([, name]) => name);
    expect(broken).toEqual(isBroken ? expect.arrayContaining(['I2', 'statement']) : []);
    expect(stdout.includes('NOT PASSED.')).toBe(isBroken);
    expect(code).toBe(isBroken ? 1 : 0);
  },
);
