import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { LocalBank } from '../../infra/local/bank.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { keyAt } from '../support/keys.ts';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let bank: LocalBank;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinbank-sweep-'));
  bank = await LocalBank.start({ dataFolder: folder, ports: await freePorts() });
});
afterAll(async () => {
  await bank.stop();
  await rm(folder, { recursive: true, force: true });
});

const runSweep = (dataFolder: string) =>
  promisify(execFile)('npm', ['run', '--silent', 'sweep', '--', '--data', dataFolder], {
    cwd: PROJECT_FOLDER,
  });

it('npm run sweep sweeps the running bank once, and says so in a log line and as metrics', async () => {
  const [one, two] = bank.status().map(({ url }) => url);
  await using first = new BankClient({ endpoints: [one ?? ''] });
  await using second = new BankClient({ endpoints: [two ?? ''] });
  const keys = Array.from({ length: 5 }, () => keyAt(Date.now() - 20 * 60_000));
  for (const key of keys) await first.deposit('joe', 10n, { key });

  const { stdout } = await runSweep(folder);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ message }) => message === 'sweep')).toEqual([
    expect.objectContaining({
      service: 'sweep',
      accounts: 1,
      archived: 5,
      removed: 0,
      finished: 4,
      failures: 0,
    }),
  ]);
  expect(lines.find((line) => '_aws' in line)).toMatchObject({ accounts: 1, archived: 5 });

  for (const [index, key] of keys.entries()) {
    expect(await second.deposit('joe', 10n, { key })).toMatchObject({ balance: BigInt(10 * (index + 1)) });
  }
  expect(await second.balance('joe')).toMatchObject({ balance: 50n });
});

it('npm run sweep says in one sentence that no bank is running', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'twinbank-nothing-'));
  await expect(runSweep(empty)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No bank is running on .*: npm start starts one\.\n$/),
  });
  await rm(empty, { recursive: true });
});
