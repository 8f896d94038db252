import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { clientSources, type Packed, pack, removeFolder } from './packed.ts';

let client: Packed;
let command: Packed;
beforeAll(async () => {
  [client, command] = await Promise.all([pack('client'), pack('client/command')]);
});
afterAll(() => Promise.all([client, command].map(({ folder }) => removeFolder(folder))));

/** The messages of publint about a package. */
async function lint({ tarball }: Packed) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
    level: 'suggestion',
    strict: true,
  });
  return { name: pkg?.['name'], messages: messages.map((message) => formatMessage(message, pkg ?? {})) };
}

describe('the tarballs that npm pack makes', () => {
  test('hold, of the client, each module compiled with its types, the bank for tests in one file, its pages and package.json, and nothing else', () => {
    const compiled = clientSources().flatMap((path) =>
      ['js', 'd.ts'].map((ending) => `dist/${path.replace(/ts$/, ending)}`),
    );
    const pages = ['ERRORS.md', 'HTTP.md', 'LICENSE', 'README.md', 'TESTING.md', 'openapi.json'];
    const testing = ['js', 'd.ts'].map((ending) => `dist/testing/index.${ending}`);
    const expected = [...compiled, ...testing, ...pages, 'package.json'].sort();

    expect(compiled).toContain('dist/client.js');
    expect(client.files).toEqual(expected);
  });

  test('hold, of the command, one file beside the one that starts it', () => {
    const expected = ['LICENSE', 'README.md', 'bin/bank.js', 'dist/bank.js', 'package.json'];
    expect(command.files).toEqual(expected);
  });

  test('come with the licence of the project', () => {
    const [original, ...copies] = ['LICENSE', 'client/LICENSE', 'client/command/LICENSE'].map((path) =>
      readFileSync(join(PROJECT_FOLDER, path), 'utf8'),
    );
    expect(copies).toEqual([original, original]);
  });

  test('find nothing to say with publint', async () => {
    expect(await lint(client)).toEqual({ name: 'twinbank-client', messages: [] });
    expect(await lint(command)).toEqual({ name: 'twinbank-command', messages: [] });
  });

  test('have, of the client, types that every way of importing an ES module resolves', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(client.tarball)));
    if (analysis.types === false) {
      throw new Error('the package has no types');
    }
    for (const [entry, file] of [
      ['.', 'dist/index.d.ts'],
      ['./testing', 'dist/testing/index.d.ts'],
    ] as const) {
      const { resolutions } = analysis.entrypoints[entry] ?? {};
      expect(resolutions?.bundler.resolution?.fileName).toMatch(new RegExp(`/${file}$`));
      expect(resolutions?.['node16-esm'].resolution?.fileName).toMatch(new RegExp(`/${file}$`));
    }
    // The other two problems are those of CommonJS before Node 20.19, which this package does not support.
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)) &&
        !('resolutionOption' in problem && problem.resolutionOption === 'node10'),
    );
    expect(problems).toEqual([]);
  });

  test('cannot be published by mistake: neither a name nor an account at a registry is ours yet', () => {
    for (const folder of ['client', 'client/command']) {
      const manifest = JSON.parse(readFileSync(join(PROJECT_FOLDER, folder, 'package.json'), 'utf8'));
      expect(manifest.private).toBe(true);
    }
  });
});
