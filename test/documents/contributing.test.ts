import { existsSync } from 'node:fs';
import { access, constants, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { fencedBlocks } from '../support/markdown.ts';
import { Repository } from '../support/repository.ts';

const read = (path: string) => readFile(join(PROJECT_FOLDER, path), 'utf8');
const CONTRIBUTING = await read('CONTRIBUTING.md');
const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
const commands = fencedBlocks(CONTRIBUTING)
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trim().split('\n'))
  .map((line) => line.replace(/ +#.*$/, ''));

/** Scripts that are parts of others, or that npm runs by itself. */
const UNDOCUMENTED = [
  ...['vitest', 'prepare', 'preversion', 'version', 'postversion'],
  ...['synth:default', 'synth:europe', 'synth:continents'],
];

test('lists every command that there is, and no other', () => {
  const [, table = ''] = /^## Commands$(.*?)^## /ms.exec(CONTRIBUTING) ?? [];
  const listed = [...table.matchAll(/^\| `npm (?:run )?([\w:]+)` \|/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(
    Object.keys(scripts)
      .filter((name) => !UNDOCUMENTED.includes(name))
      .toSorted(),
  );
});

test('can be released: every package has one version, and the changelog a section for what is not released', async () => {
  const lock = JSON.parse(await read('package-lock.json'));
  const folders = ['', 'client', 'client/command'];
  const manifests = await Promise.all(
    folders.map(async (folder) => JSON.parse(await read(join(folder, 'package.json')))),
  );
  const locked = folders.map((folder) => lock.packages[folder]);
  const versions = [...manifests, lock, ...locked].map(({ version }) => version);
  expect(new Set(versions).size).toBe(1);
  expect(await read('CHANGELOG.md')).toMatch(/^## Unreleased$/m);
});

test('begins with the command that CI runs on a clean clone', async () => {
  expect(commands[0]).toBe('npm ci && npm test');
  const lines = (await read('.ci/run')).split('\n');
  const [install, test] = ['npm ci', 'npm test'].map((command) => lines.indexOf(command));
  expect(install).toBeGreaterThan(0);
  expect(test).toBeGreaterThan(Number(install));
});

test('names only tests that there are', () => {
  const named = commands.flatMap((line) => line.match(/\btest\/[\w/-]+/g) ?? []);
  expect(named.length).toBeGreaterThan(1);
  const missing = named.filter((path) =>
    ['', '.test.ts', '.long.test.ts'].every((ending) => !existsSync(join(PROJECT_FOLDER, path + ending))),
  );
  expect(missing).toEqual([]);
});

describe('the check at commit time', () => {
  const GOOD = "export const greeting = 'hello';\n";
  const BAD = 'export const greeting = "hello"\n';
  let repository: Repository;

  const commits = async () => (await repository.git('log', '--format=%s')).split('\n');
  const commit = async (path: string, text: string, ...args: readonly string[]) => {
    await repository.write(path, text);
    await repository.git('add', path);
    return repository.run('git', 'commit', '--message', 'Change', ...args);
  };

  beforeEach(async () => {
    repository = await Repository.create({
      '.githooks/pre-commit': await read('.githooks/pre-commit'),
      '.biome.json': await read('.biome.json'),
      '.gitignore': (await read('.gitignore')).replace('node_modules/', 'node_modules'),
      'greeting.ts': GOOD,
    });
    await repository.run('chmod', '+x', '.githooks/pre-commit');
    await symlink(join(PROJECT_FOLDER, 'node_modules'), join(repository.folder, 'node_modules'));
    expect(await repository.run('sh', '-c', scripts['hooks'] ?? 'false')).toMatchObject({ code: 0 });
  });
  afterEach(() => repository[Symbol.asyncDispose]());

  test('refuses a file that is not formatted, and can be left out or switched off', async () => {
    const { code, output } = await commit('greeting.ts', BAD);
    expect(code).toBe(1);
    expect(output).toContain('git commit --no-verify leaves it out');
    expect(output).toContain('greeting.ts');
    expect(output).toContain('nothing was committed');
    expect(await commits()).toEqual(['Begin']);
    expect(await commit('greeting.ts', BAD, '--no-verify')).toMatchObject({ code: 0 });
    await repository.git('config', '--unset', 'core.hooksPath');
    expect(await commit('greeting.ts', `${BAD}\n\n`)).toMatchObject({ code: 0 });
    expect(await commits()).toEqual(['Change', 'Change', 'Begin']);
  });

  test('passes files of other kinds, checks staged files only, and reports where there are others', async () => {
    expect(await commit('page.md', '#  A page\n')).toMatchObject({ code: 0 });
    await repository.write('greeting.ts', BAD);
    const { code, output } = await commit('other.ts', GOOD);
    expect(code).toBe(0);
    expect(output).toContain('some changes are not staged');
    expect(await commits()).toEqual(['Change', 'Change', 'Begin']);
  });

  test('says what to do where Biome is not installed', async () => {
    await repository.run('rm', 'node_modules');
    const { code, output } = await commit('other.ts', GOOD);
    expect(code).toBe(1);
    expect(output).toContain('Run npm ci, or commit with --no-verify');
  });

  test('is executable in this checkout, without which git passes over it', async () => {
    await access(join(PROJECT_FOLDER, '.githooks/pre-commit'), constants.X_OK);
  });
});
