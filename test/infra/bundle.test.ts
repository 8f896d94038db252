import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';

let folder: string;
let outFile: `${string}.mjs`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinbank-bundle-'));
  outFile = `${folder}/out.mjs`;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function bundleOf(files: Record<string, string>, target?: `node${number}`): Promise<string> {
  for (const [name, source] of Object.entries(files)) {
    await writeFile(join(folder, name), source);
  }
  await bundle({ entry: join(folder, 'entry.ts'), outFile, ...(target && { target }) });
  return readFile(outFile, 'utf8');
}

/** Value of an expression over the bundle, in a Node that runs where there is nothing but the bundle. */
async function run(expression: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const program = `import(${JSON.stringify(outFile)}).then((module) => console.log(${expression}))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program], { cwd: folder, env });
  return stdout.trim();
}

test('a bundle is one ES module with everything in it, CommonJS that requires a module of Node included', async () => {
  await bundleOf({
    'entry.ts': "import eol from './old.cjs'; export const handler = (): string => JSON.stringify(eol);",
    'old.cjs': "module.exports = require('node:path').posix.sep;",
  });
  await rm(join(folder, 'old.cjs'));
  expect(await run('module.handler()')).toBe('"/"');
});

test('a bundle points to its source map, which leads back to the sources without repeating them', async () => {
  const code = await bundleOf({ 'entry.ts': 'export const handler = () => 1;' });
  expect(code).toContain('//# sourceMappingURL=out.mjs.map');
  const map = JSON.parse(await readFile(`${outFile}.map`, 'utf8')) as Record<string, unknown>;
  expect(map['sources']).toEqual(['entry.ts']);
  expect(map).not.toHaveProperty('sourcesContent');
});

test('a bundle speaks the language of the deployed Node, or of an older one on demand', async () => {
  const files = { 'entry.ts': 'export const handler = (x: unknown) => x ?? 1;' };
  expect(await bundleOf(files)).toContain('??');
  expect(await bundleOf(files, 'node12')).not.toContain('??');
});

test('a source that cannot be bundled is an error that says where', async () => {
  await expect(bundleOf({ 'entry.ts': 'export const = 1;' })).rejects.toThrow(/entry\.ts:1:13/);
});

test.each(['api', 'sweep'])(
  'the function %s is one file that runs where there are no packages',
  async (name) => {
    const entry = fileURLToPath(new URL(`../../functions/${name}.ts`, import.meta.url));
    await bundle({ entry, outFile, target: `node${Number.parseInt(process.versions.node, 10)}` });
    const env = {
      ...awsEnvironment('http://127.0.0.1:9', 'us-east-1'),
      BANK: 'b',
      ACCOUNTS_TABLE: 'a',
      PAGES_TABLE: 'p',
      IDEMPOTENCY_TABLE: 'i',
    };
    expect(await run('typeof module.handler', env)).toBe('function');
  },
);
