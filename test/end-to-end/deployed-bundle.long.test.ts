import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { mintKey } from '../../client/key.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { keyAt } from '../support/keys.ts';

const run = promisify(execFile);
const lab = new BankLab();

let folder: string;
/** The function as `cdk deploy` would upload it. */
let bundleFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinbank-deployed-'));
  const output = join(folder, 'out');
  await run('npx', ['cdk', 'synth', '--quiet', '--output', output], { cwd: PROJECT_FOLDER });
  bundleFile = await assetWith(output, 'api.mjs');
});
afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
});

async function assetWith(output: string, file: string): Promise<string> {
  for (const asset of (await readdir(output)).filter((name) => name.startsWith('asset.'))) {
    if ((await readdir(join(output, asset))).includes(file)) {
      return join(output, asset, file);
    }
  }
  throw new Error(`no asset has a ${file}`);
}

test('what is deployed is what moves the money here: the local bank runs the very file that cdk synth made', async () => {
  const data = await lab.folder();
  const bank = await lab.start(data, ['--bundle', bundleFile]);
  await bank.ready();
  const endpoints = [FIRST, SECOND].map((region) => bank.region(region).url);
  await using client = new BankClient({ endpoints });
  const key = mintKey();
  expect(await client.deposit('joe', 25n, { key })).toMatchObject({ balance: 25n });
  bank.say(`kill ${FIRST}`);
  await bank.reports(FIRST, 'down');
  expect(await client.deposit('joe', 25n, { key })).toMatchObject({ balance: 25n });
  expect(await client.withdraw('joe', 5n)).toMatchObject({ balance: 20n });

  const log = await readFile(join(data, `${SECOND}.log`), 'utf8');
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(lines.find(({ operation }) => operation === 'withdraw')).toMatchObject({
    bank: 'twinbank',
    outcome: 'executed',
    calls: 1,
    _aws: { CloudWatchMetrics: expect.any(Array) },
  });
  // What a line weighs is most of what a log costs; see the cost table in infra/OPERATING.md.
  expect(Math.max(...lines.map((line) => JSON.stringify(line).length))).toBeLessThan(800);
});

test('it turns pages by itself, and answers what left the account with them, however old its key is', async () => {
  const data = await lab.folder();
  const bank = await lab.start(data, ['--bundle', bundleFile]);
  await bank.ready();
  await using client = new BankClient({ endpoints: [bank.region(FIRST).url] });
  const mintedMs = Date.now() - 60 * 60_000;
  const keys = Array.from({ length: 60 }, (_, calls) => keyAt(mintedMs + calls));
  for (const key of keys) {
    await client.deposit('busy', 1n, { key });
  }
  const log = await readFile(join(data, `${FIRST}.log`), 'utf8');
  expect(log).toContain(`"headEntries":${2 * KEPT_ENTRIES},`);
  const [first = ''] = keys;
  expect(await client.deposit('busy', 1n, { key: first })).toMatchObject({ balance: 1n, replayed: true });
  // Never used before, and older than all that has left the account.
  expect(await client.deposit('busy', 1n, { key: keyAt(mintedMs - 1) })).toMatchObject({ balance: 61n });
});

test('it holds no package of the machine that built it, and its map names the sources', async () => {
  const map = JSON.parse(await readFile(`${bundleFile}.map`, 'utf8')) as { sources: string[] };
  expect(map.sources.some((source) => source.endsWith('functions/bank/execute.ts'))).toBe(true);
  expect((await readdir(join(bundleFile, '..'))).sort()).toEqual(['api.mjs', 'api.mjs.map']);
});

test('its size and its start-up time are printed', async () => {
  const { size } = await stat(bundleFile);
  const program = `const start = performance.now(); await import(${JSON.stringify(bundleFile)}); console.log(performance.now() - start);`;
  const environment = {
    PATH: process.env['PATH'],
    ...awsEnvironment('http://127.0.0.1:9', 'us-east-1'),
    ...{ BANK: 'b', ACCOUNTS_TABLE: 'a', PAGES_TABLE: 'p', IDEMPOTENCY_TABLE: 'i' },
  };
  const timesMs: number[] = [];
  for (let times = 0; times < 5; times += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      env: environment,
    });
    timesMs.push(Number(stdout));
  }
  const [, , medianMs = Number.NaN] = timesMs.sort((one, other) => one - other);
  console.log(
    `the deployed bundle: ${size} bytes, read and started in ${medianMs.toFixed(0)} ms (median of 5)`,
  );
  expect(medianMs).toBeGreaterThan(0);
  // A ceiling against a dependency that slips in, not a goal.
  expect(size).toBeLessThan(450_000);
});
