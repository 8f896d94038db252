import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { clientSources, type Packed, packClient, removeFolder } from './packed.ts';

/** Pages that are packed when they are there. */
const OPTIONAL = ['ERRORS.md', 'openapi.json'];

let packed: Packed;
beforeAll(async () => {
  packed = await packClient();
});
afterAll(() => removeFolder(packed.folder));

describe('the tarball that npm pack makes of the client', () => {
  it('holds each module compiled with its types, the command, README, licence and package.json, and nothing else', () => {
    const compiled = clientSources().flatMap((path) =>
      ['js', 'd.ts'].map((ending) => `dist/${path.replace(/ts$/, ending)}`),
    );
    const expected = [...compiled, 'LICENSE', 'README.md', 'bin/bank.js', 'package.json'].sort();

    expect(compiled).toContain('dist/client.js');
    expect(packed.files.filter((path) => !OPTIONAL.includes(path))).toEqual(expected);
  });

  it('comes with the licence of the project', () => {
    const [copy, original] = ['client/LICENSE', 'LICENSE'].map((path) =>
      readFileSync(join(PROJECT_FOLDER, path), 'utf8'),
    );
    expect(copy).toBe(original);
  });

  it('finds nothing to say with publint', async () => {
    const tarball = readFileSync(packed.tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
      level: 'suggestion',
      strict: true,
    });
    expect(pkg?.['name']).toBe('twinbank-client');
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  it('has types that every way of importing an ES module resolves', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(packed.tarball)));
    if (analysis.types === false) throw new Error('the package has no types');
    const { resolutions } = analysis.entrypoints['.'] ?? {};

    expect(resolutions?.bundler.resolution?.fileName).toMatch(/dist\/index\.d\.ts$/);
    expect(resolutions?.['node16-esm'].resolution?.fileName).toMatch(/dist\/index\.d\.ts$/);
    // The other two ways are those of CommonJS before Node 20.19, which this package does not support.
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)) &&
        !('resolutionOption' in problem && problem.resolutionOption === 'node10'),
    );
    expect(problems).toEqual([]);
  });

  it('cannot be published by mistake: neither its name nor an account at a registry is ours yet', () => {
    const manifest = JSON.parse(readFileSync(join(PROJECT_FOLDER, 'client/package.json'), 'utf8'));
    expect(manifest.private).toBe(true);
  });
});
