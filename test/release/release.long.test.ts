import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { Repository, type Run } from '../support/repository.ts';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PROGRAM = join(PROJECT_FOLDER, 'infra', 'release', 'main.ts');

/** Paths of the files that a release changes. */
const FILES = [
  'CHANGELOG.md',
  'client/command/package.json',
  'client/package.json',
  'package-lock.json',
  'package.json',
] as const;

let repository: Repository;

/** A project with `npm test` as it is told. */
function project(test: string): Record<(typeof FILES)[number], string> {
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  const [root, client, command] = [
    { name: 'bank', version: '0.1.0' },
    { name: 'bank-client', version: '0.1.0' },
    { name: 'bank-command', version: '0.1.0' },
  ];
  return {
    'CHANGELOG.md': '# Changelog\n\n## Unreleased\n\n### Added\n\n- The bank.\n',
    'package.json': json({
      ...root,
      private: true,
      workspaces: ['client', 'client/command'],
      scripts: { test },
    }),
    'client/package.json': json(client),
    'client/command/package.json': json(command),
    'package-lock.json': json({
      ...root,
      lockfileVersion: 3,
      packages: { '': root, client, 'client/command': command },
    }),
  };
}

const releasing = (...args: readonly string[]): Promise<Run> =>
  repository.run(process.execPath, '--import', TSX, PROGRAM, ...args);

/** Commits, tags and changes that there are. */
async function state(): Promise<string> {
  const [log, tags, changes] = [
    await repository.git('log', '--format=%s'),
    await repository.git('tag'),
    await repository.git('status', '--porcelain'),
  ];
  return [log, tags, changes].join('|');
}

beforeEach(async () => {
  // What is tested is the version that is about to be released.
  repository = await Repository.create(
    project("node -e \"process.exit(require('./client/package.json').version === '0.1.1' ? 0 : 1)\""),
  );
});
afterEach(() => repository[Symbol.asyncDispose]());

describe('npm run release', () => {
  it('sets the versions, dates the changelog, tests, commits and tags, and pushes nothing', async () => {
    await repository.git('init', '--quiet', '--bare', 'origin.git');
    await repository.write('.git/info/exclude', 'origin.git\n');
    await repository.git('remote', 'add', 'origin', './origin.git');

    const { code, output } = await releasing('patch');

    expect({ code, output }).toMatchObject({ code: 0 });
    expect(await state()).toBe('Release 0.1.1\nBegin|v0.1.1|');
    expect(await repository.git('tag', '--list', '--format=%(objecttype) %(subject)')).toBe(
      'tag Twinbank 0.1.1',
    );
    expect((await repository.git('show', '--name-only', '--format=', 'HEAD')).split('\n')).toEqual(FILES);
    expect(await repository.read('CHANGELOG.md')).toMatch(
      /^# Changelog\n\n## Unreleased\n\n## 0\.1\.1 - \d{4}-\d{2}-\d{2}\n\n### Added\n\n- The bank\.\n$/,
    );
    for (const file of FILES.slice(1)) expect(await repository.read(file)).toContain('"version": "0.1.1"');
    expect(await repository.git('ls-remote', 'origin')).toBe('');
    expect(output).toMatch(
      /git push --atomic origin main v0\.1\.1\n {2}npm publish --workspace client\n {2}npm publish --workspace client\/command\n$/,
    );
  });

  it('says so when the client cannot be published', async () => {
    const client = 'client/package.json';
    await repository.write(client, (await repository.read(client)).replace('{', '{\n  "private": true,'));
    await repository.git('commit', '--quiet', '--all', '--message', 'Keep it private');
    expect(await releasing('patch')).toMatchObject({
      code: 0,
      output: expect.stringContaining(
        '(which npm will refuse while client/package.json says "private": true)',
      ),
    });
  });

  it('puts the files back when npm test fails', async () => {
    const { code, output } = await releasing('minor');
    expect({ code, output }).toMatchObject({ code: 1 });
    expect(output).toContain(
      'release: command failed: npm test ended with 1. Nothing was committed, and the files are as they were.',
    );
    expect(await state()).toBe('Begin||');
  });

  it('puts the files back when the commit fails', async () => {
    await repository.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    await repository.run('chmod', '+x', '.git/hooks/pre-commit');
    expect(await releasing('patch')).toMatchObject({ code: 1 });
    expect(await state()).toBe('Begin||');
  });

  it('changes nothing with --dry-run, and says what it would do', async () => {
    const { code, output } = await releasing('major', '--dry-run');
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain('Would release 1.0.0');
    expect(output).toContain('- The bank.');
    expect(await state()).toBe('Begin||');
  });
});

describe('npm run release refuses', () => {
  const cases: readonly [string, string, () => Promise<unknown>][] = [
    ['a tree that is dirty', 'dirty tree', () => repository.write('new.ts', 'export {};\n')],
    ['another branch', 'wrong branch', () => repository.git('switch', '--quiet', '--create', 'feature')],
    ['a version that has a tag', 'tag exists', () => repository.git('tag', 'v0.1.1')],
    [
      'a changelog without anything new',
      'nothing to release',
      async () => {
        await repository.write(
          'CHANGELOG.md',
          '# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-01-01\n\n- Old.\n',
        );
        await repository.git('commit', '--quiet', '--all', '--message', 'Empty it');
      },
    ],
  ];

  it.each(cases)('%s', async (_, words, prepare) => {
    await prepare();
    const before = await state();
    const { code, output } = await releasing('patch');
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringContaining(`release: ${words}: `),
    });
    expect(await state()).toBe(before);
  });

  it.each([[['0.0.9']], [['patch', '--force']]])('arguments like %j', async (args) => {
    expect(await releasing(...args)).toMatchObject({
      code: 2,
      output: expect.stringContaining('release: bad argument: '),
    });
    expect(await state()).toBe('Begin||');
  });
});
