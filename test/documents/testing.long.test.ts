import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { installInto, type Packed, pack, removeFolder } from '../package/packed.ts';
import { fencedBlocks } from '../support/markdown.ts';

const run = promisify(execFile);
const blocksOf = async (page: string) =>
  fencedBlocks(await readFile(join(PROJECT_FOLDER, page), 'utf8')).filter(
    ({ language }) => language === 'ts',
  );

let client: Packed;
/** An empty project with the client in it, and the programs of the page. */
let project: string;

beforeAll(async () => {
  client = await pack('client');
  project = await installInto(join(client.folder, 'project'), [client.tarball]);
  for (const name of ['vitest', '@types', 'express', 'hono', '@hono']) {
    await symlink(join(PROJECT_FOLDER, 'node_modules', name), join(project, 'node_modules', name));
  }
  const texts = (await blocksOf('client/TESTING.md')).map(({ text }) => text);
  const readme = (await blocksOf('client/README.md')).find(({ text }) => text.includes('TestBank'));
  const programs = [...texts, `${readme?.text}console.log(balance);\n`];
  const names = ['shop.ts', 'shop.vitest.test.ts', 'shop.node.test.ts', 'short.ts'];
  expect(programs).toHaveLength(names.length);
  await Promise.all(names.map((name, index) => writeFile(join(project, name), programs[index] ?? '')));
  await cp(join(PROJECT_FOLDER, 'client/examples'), join(project, 'examples'), { recursive: true });
  const compilerOptions = {
    module: 'nodenext',
    target: 'ES2022',
    // Without those of a page: the package brings the types that it needs, but for Node's.
    lib: ['ES2023'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    rewriteRelativeImportExtensions: true,
  };
  const ofExamples = {
    extends: './tsconfig.json',
    // Hono's server for Node declares with the types of a page.
    compilerOptions: { lib: ['ES2023', 'DOM'] },
    include: ['examples'],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await writeFile(join(project, 'tsconfig.examples.json'), JSON.stringify(ofExamples));
});
afterAll(() => removeFolder(client.folder));

test.each([
  ['the programs of the page about tests', 'tsconfig.json'],
  ['the examples', 'tsconfig.examples.json'],
])('%s compile with the package that npm packs', async (_, config) => {
  const compiler = join(PROJECT_FOLDER, 'node_modules/typescript/bin/tsc');
  const done = await run(process.execPath, [compiler, '-p', config], { cwd: project }).catch(
    (error: object) => error,
  );
  expect(done).toMatchObject({ stdout: '', stderr: '' });
});

describe('the page about tests', () => {
  test('shows tests that vitest runs', async () => {
    const vitest = join(PROJECT_FOLDER, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--root', project, 'shop.vitest.test.ts', '--reporter', 'json'];
    const { stdout } = await run(process.execPath, args, { cwd: project });
    expect(JSON.parse(stdout)).toMatchObject({ numTotalTests: 4, numPassedTests: 4 });
  });

  test('shows a test that node:test runs', async () => {
    const args = ['--test', '--test-reporter', 'tap', 'shop.node.test.js'];
    const { stdout } = await run(process.execPath, args, { cwd: project });
    expect(stdout).toMatch(/^# pass 1$/m);
    expect(stdout).toMatch(/^# fail 0$/m);
  });

  test('has a short program in the page of the client, which ends by itself', async () => {
    const { stdout } = await run(process.execPath, ['short.js'], { cwd: project });
    expect(stdout).toBe('70n\n');
  });
});

test.each(['gift-card-shop', 'handlers', 'queue-consumer'])(
  'the example %s passes its tests',
  async (name) => {
    const args = ['--test', '--test-reporter', 'tap', `examples/${name}.test.js`];
    const { stdout } = await run(process.execPath, args, { cwd: project }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toMatch(/^# pass [1-9]/m);
    expect(stdout, stdout).toMatch(/^# fail 0$/m);
  },
);
