import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { releaseChangelog, versionIn, withVersion, withVersionInLock } from '../../infra/release/texts.ts';
import { nextVersion } from '../../infra/release/version.ts';

const read = (path: string) => readFile(join(PROJECT_FOLDER, path), 'utf8');

describe('the next version', () => {
  it.each([
    ['1.2.3', 'patch', '1.2.4'],
    ['1.2.3', 'minor', '1.3.0'],
    ['1.2.3', 'major', '2.0.0'],
    ['1.2.3', '1.2.3', '1.2.3'],
    ['1.2.3', '1.10.0', '1.10.0'],
    ['9.9.9', '10.0.0', '10.0.0'],
  ])('after %s, asked for %s, is %s', (current, wanted, next) => {
    expect(nextVersion(current, wanted)).toBe(next);
  });

  it.each(['1.2.2', '1.1.9', '0.9.9', '1.2', 'v1.2.4', '01.2.4', '1.2.4-rc.1', 'Patch', ''])(
    'after 1.2.3 cannot be %j',
    (wanted) => {
      expect(() => nextVersion('1.2.3', wanted)).toThrow(expect.objectContaining({ code: 'bad_argument' }));
    },
  );
});

describe('the changelog', () => {
  const HEAD = '# Changelog\n\nA word.\n\n';
  const OLD = '## 0.1.0 - 2026-01-01\n\n- The bank.\n';

  it('gets a heading with version and date, and an empty "Unreleased" above it; all else stays', () => {
    const before = `${HEAD}## Unreleased\n\n### Fixed\n\n- **Money:** a hole.\n\n${OLD}`;
    expect(releaseChangelog(before, '0.2.0', '2026-02-03')).toEqual({
      text: `${HEAD}## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n### Fixed\n\n- **Money:** a hole.\n\n${OLD}`,
      entries: '### Fixed\n\n- **Money:** a hole.',
    });
  });

  it('can be released for the first time, and not again until there is something new', () => {
    const { text } = releaseChangelog(`${HEAD}## Unreleased\n\n- The bank.\n`, '0.1.0', '2026-01-01');
    expect(text).toBe(`${HEAD}## Unreleased\n\n${OLD}`);
    expect(() => releaseChangelog(text, '0.1.1', '2026-01-02')).toThrow(
      expect.objectContaining({ code: 'nothing_to_release' }),
    );
  });

  it.each([
    ['no such section', `${HEAD}${OLD}`],
    ['headings alone', `${HEAD}## Unreleased\n\n### Added\n\n### Fixed\n\n${OLD}`],
  ])('has nothing to release when it has %s', (_, text) => {
    expect(() => releaseChangelog(text, '0.2.0', '2026-02-03')).toThrow(
      expect.objectContaining({ code: 'nothing_to_release' }),
    );
  });
});

describe('the files of this project', () => {
  it.each(['package.json', 'client/package.json', 'client/command/package.json'])(
    '%s changes in its version alone',
    async (path) => {
      const before = await read(path);
      const version = versionIn(before);
      expect(withVersion(before, version)).toBe(before);
      expect(withVersion(before, '98.7.6')).toBe(
        before.replace(`"version": "${version}"`, '"version": "98.7.6"'),
      );
    },
  );

  it('package-lock.json changes in the versions of the root, the client and the command alone', async () => {
    const before = await read('package-lock.json');
    const after = withVersionInLock(before, '98.7.6').split('\n');
    const changed = before
      .split('\n')
      .flatMap((line, index) => (line === after[index] ? [] : [after[index]]));
    expect(changed.map((line) => line?.trim())).toEqual(Array(4).fill('"version": "98.7.6",'));
  });

  it('all have one version', async () => {
    const version = versionIn(await read('package.json'));
    expect(versionIn(await read('client/package.json'))).toBe(version);
    expect(versionIn(await read('client/command/package.json'))).toBe(version);
    expect(withVersionInLock(await read('package-lock.json'), version)).toBe(await read('package-lock.json'));
  });

  it('CHANGELOG.md has a section for what is not released', async () => {
    expect(await read('CHANGELOG.md')).toMatch(/^## Unreleased$/m);
  });
});
