import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { mintKey } from '../../client/key.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';

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
  await bank.order('kill', FIRST);
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

test('it is below 450 KB, holds no package of the machine that built it, and its map names the sources', async () => {
  const map = JSON.parse(await readFile(`${bundleFile}.map`, 'utf8')) as { sources: string[] };
  expect(map.sources.some((source) => source.endsWith('functions/bank/execute.ts'))).toBe(true);
  expect((await readdir(join(bundleFile, '..'))).sort()).toEqual(['api.mjs', 'api.mjs.map']);
  // A ceiling against a dependency that slips in, not a goal.
  expect((await stat(bundleFile)).size).toBeLessThan(450_000);
});
