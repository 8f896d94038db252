import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { DocumentBank } from '../support/documents.ts';
import { consoleSteps, fencedBlocks } from '../support/markdown.ts';
import { NODE_MAJORS, nodeOf } from './nodes.ts';
import { installInto, type Packed, pack, removeFolder } from './packed.ts';

const run = promisify(execFile);
const blocksOf = async (path: string) => fencedBlocks(await readFile(join(PROJECT_FOLDER, path), 'utf8'));
const PROGRAM = (await blocksOf('client/README.md'))
  .filter(({ language }) => language === 'ts')
  .map(({ text }) => text);
const SESSION = (await blocksOf('client/command/README.md'))
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => consoleSteps(text));

let client: Packed;
let command: Packed;
/** Two empty projects after `npm install` of a tarball: one has the client, the other the command. */
let project: string;
let shell: string;
const bank = new DocumentBank();

beforeAll(async () => {
  [client, command] = await Promise.all([pack('client'), pack('client/command'), bank.start()]);
  project = await installInto(join(client.folder, 'project'), [client.tarball]);
  shell = await installInto(join(command.folder, 'project'), [command.tarball]);
  // The programs need the types of Node. The client must bring the types that it needs.
  await mkdir(join(project, 'node_modules/@types'), { recursive: true });
  await symlink(join(PROJECT_FOLDER, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
  await writeFile(join(project, 'program.ts'), PROGRAM[0] ?? '');
  await compile('TypeScript 7', 'nodenext');
});
afterAll(async () => {
  await bank.stop();
  await Promise.all([client, command].map(({ folder }) => removeFolder(folder)));
});

/** Common compiler options of a program for Node, and of one for a web page. */
const SETUPS = {
  nodenext: { module: 'nodenext', types: ['node'], lib: ['ES2023'] },
  bundler: { module: 'preserve', moduleResolution: 'bundler', types: [], lib: ['ES2022', 'DOM'] },
};
const COMPILERS = {
  'TypeScript 7': 'node_modules/typescript/bin/tsc',
  'TypeScript 5.9': 'test/openapi/node_modules/typescript/bin/tsc',
};
const combinations = Object.keys(COMPILERS).flatMap((compiler) =>
  Object.keys(SETUPS).map((setup) => [compiler, setup] as const),
) as [keyof typeof COMPILERS, keyof typeof SETUPS][];

/** The packages in a project. */
async function packagesIn(folder: string): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'));
  return Object.keys(lock.packages)
    .filter((path) => path !== '')
    .map((path) => path.replace('node_modules/', ''))
    .sort();
}

describe('the client, installed into an empty project', () => {
  test('brings its signer along and no other package', async () => {
    expect(await packagesIn(project)).toEqual(['aws4fetch', 'twinbank-client']);
  });

  test.each(combinations)(
    'type-checks its page with %s and %s, libraries included',
    async (compiler, setup) => {
      expect(await compile(compiler, setup, ['--noEmit'])).toBe('');
    },
  );

  test('has types that refuse what a call does not take', async () => {
    const wrong = (PROGRAM[0] ?? '').replace('100n', "'100'");
    await writeFile(join(project, 'program.ts'), wrong);
    try {
      expect(await compile('TypeScript 7', 'nodenext', ['--noEmit'])).toMatch(
        /^program\.ts\(\d+,\d+\): error TS2345/,
      );
    } finally {
      await writeFile(join(project, 'program.ts'), PROGRAM[0] ?? '');
    }
  });

  test.for(NODE_MAJORS)('moves money in Node %i as its page says', async (major, { skip }) => {
    const node = await nodeOf(major);
    if ('unavailable' in node) {
      return skip(node.unavailable);
    }
    // A new account, so that the balances are those on the page.
    const account = `zoe-${major}`;
    const program = await readFile(join(project, 'program.js'), 'utf8');
    await writeFile(join(project, `${account}.js`), bank.here(program).replaceAll("'zoe'", `'${account}'`));
    const { stdout } = await run(node.path, [`${account}.js`], { cwd: project });
    expect(node.version).toMatch(new RegExp(`^v${major}\\.`));
    expect(stdout).toBe('zoe has 100\nnot paid: not_enough_money\nthe bank says: refused\n');
  });
});

describe('the command, installed into an empty project', () => {
  test('brings five packages along and no others', async () => {
    expect(await packagesIn(shell)).toEqual([
      'aws4fetch',
      'commander',
      'p-map',
      'pure-rand',
      'twinbank-command',
      'valibot',
    ]);
  });

  test('does what its page says', async () => {
    expect(SESSION.length).toBeGreaterThan(2);
    await bank.play(SESSION.map((step) => ({ ...step, command: `cd ${shell} && ${step.command}` })));
  });
});

/** Compiles the program of the page, and returns the messages of the compiler. */
async function compile(
  compiler: keyof typeof COMPILERS,
  setup: keyof typeof SETUPS,
  args: readonly string[] = [],
): Promise<string> {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'ES2022',
    ...SETUPS[setup],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const done = await run(process.execPath, [join(PROJECT_FOLDER, COMPILERS[compiler]), ...args], {
    cwd: project,
  }).catch((error: { stdout: string }) => error);
  return done.stdout;
}
