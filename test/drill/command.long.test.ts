import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { DrillCommand, interrupt } from '../support/drill-command.ts';
import { FakeFis } from '../support/fake-fis.ts';
import type { StartedBank } from '../support/started-bank.ts';

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

  test('ends with 1 and the words of FIS when that refuses, and leaves no experiment behind', async () => {
    await using fis = await startFis();
    const refusal = { status: 404, type: 'ResourceNotFoundException', message: 'No such template' };
    fis.troubles.push({ method: 'POST', trouble: { kind: 'refuse', ...refusal } });
    const { code, stdout } = await command.run([...REPLICATION, '--minutes', '0.1'], signedIn(fis));

    expect(stdout).toMatch(/^The fault: .*ResourceNotFoundException: No such template \(404\)$/m);
    expect(stdout).toMatch(/^ok {6}I2/m);
    expect({ code, experiments: fis.experiments }).toEqual({ code: 1, experiments: [] });
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
