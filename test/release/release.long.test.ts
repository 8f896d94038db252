import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { Repository } from '../support/repository.ts';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const FILES = [
  'CHANGELOG.md',
  'client/command/package.json',
  'client/package.json',
  'package-lock.json',
  'package.json',
] as const;
const { scripts } = JSON.parse(await readFile(join(PROJECT_FOLDER, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** A script of this project that runs in another folder. */
const here = (name: string) =>
  scripts[name]?.replace('--import tsx infra/', `--import ${TSX} ${PROJECT_FOLDER}/infra/`);

/** A project that is released with the scripts of this one, and whose tests are green or red. */
function project({ tests }: { readonly tests: 'exit 0' | 'exit 1' }): Record<string, string> {
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  const [root, client, command] = [
    { name: 'bank', version: '0.1.0' },
    { name: 'bank-client', version: '0.1.0' },
    { name: 'bank-command', version: '0.1.0' },
  ];
  const [preversion, version, postversion] = [here('preversion'), here('version'), here('postversion')];
  return {
    'CHANGELOG.md':
      '# Changelog\n\n## Unreleased\n\n### Added\n\n- The bank.\n\n## 0.1.0 - 2026-01-01\n\n- Less.\n',
    'package.json': json({
      ...root,
      private: true,
      workspaces: ['client', 'client/command'],
      scripts: { test: tests, preversion, version, postversion },
    }),
    'client/package.json': json(client),
    'client/command/package.json': json(command),
    'package-lock.json': json({
      ...root,
      lockfileVersion: 3,
      packages: { '': root, client, 'client/command': command },
    }),
    '.npmrc': 'message=Release %s\n',
  };
}

let repository: Repository;
beforeEach(async () => {
  repository = await Repository.create(project({ tests: 'exit 0' }));
});
afterEach(() => repository[Symbol.asyncDispose]());

/** Commits, tags and changes that there are. */
async function state(): Promise<string> {
  const [log, tags, changes] = [
    await repository.git('log', '--format=%s'),
    await repository.git('tag'),
    await repository.git('status', '--porcelain'),
  ];
  return [log, tags, changes].join('|');
}

test('sets the versions, dates the changelog, commits and tags, and pushes nothing', async () => {
  await repository.git('init', '--quiet', '--bare', 'origin.git');
  await repository.write('.git/info/exclude', 'origin.git\n');
  await repository.git('remote', 'add', 'origin', './origin.git');

  const { code, output } = await repository.run('npm', 'version', 'patch');

  expect({ code, output }).toMatchObject({ code: 0 });
  expect(await state()).toBe('Release 0.1.1\nBegin|v0.1.1|');
  expect(await repository.git('tag', '--list', '--format=%(objecttype)')).toBe('tag');
  expect((await repository.git('show', '--name-only', '--format=', 'HEAD')).split('\n')).toEqual(FILES);
  expect(await repository.read('CHANGELOG.md')).toMatch(
    /^# Changelog\n\n## Unreleased\n\n## 0\.1\.1 - \d{4}-\d{2}-\d{2}\n\n### Added\n\n- The bank\.\n\n## 0\.1\.0 - 2026-01-01\n\n- Less\.\n$/,
  );
  for (const file of FILES.filter((path) => path.endsWith('package.json'))) {
    expect(await repository.read(file)).toContain('"version": "0.1.1"');
  }
  expect((await repository.read('package-lock.json')).match(/"version": ".*"/g)).toEqual(
    Array(4).fill('"version": "0.1.1"'),
  );
  expect(await repository.git('ls-remote', 'origin')).toBe('');
  expect(output).toContain('git push --atomic origin main v0.1.1\n');
});

test('changes nothing when npm test fails', async () => {
  await repository.write('package.json', project({ tests: 'exit 1' })['package.json'] ?? '');
  await repository.git('commit', '--quiet', '--all', '--message', 'Break it');
  expect(await repository.run('npm', 'version', 'patch')).toMatchObject({ code: 1 });
  expect(await state()).toBe('Break it\nBegin||');
});

test.each<[string, string, RegExp, () => Promise<unknown>]>([
  [
    'a file that is not committed',
    'patch',
    /not committed/,
    () => repository.write('new.ts', 'export {};\n'),
  ],
  ['another branch', 'patch', /from main, and this is b/, () => repository.git('switch', '--create', 'b')],
  ['a version that has a tag', 'patch', /tag v0\.1\.1 exists/, () => repository.git('tag', 'v0.1.1')],
  [
    'a changelog without anything new',
    'patch',
    /no entry under "## Unreleased"/,
    async () => {
      await repository.write(
        'CHANGELOG.md',
        '## Unreleased\n\n### Added\n\n## 0.1.0 - 2026-01-01\n\n- Old.\n',
      );
      await repository.git('commit', '--quiet', '--all', '--message', 'Empty it');
    },
  ],
])('refuses %s, and changes nothing', async (_, wanted, reason, prepare) => {
  await prepare();
  const before = await state();
  const { code, output } = await repository.run('npm', 'version', wanted);
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(reason) });
  expect(await state()).toBe(before);
});
