import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { clientSources } from '../package/packed.ts';

const CLIENT = fileURLToPath(new URL('../../client', import.meta.url));
const CHAIN = '@aws-sdk/credential-provider-node';
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(resolve(CLIENT, folder, 'package.json'), 'utf8'));

/** The imports of a source file, also `export from` and dynamic ones. Comments are ignored, because examples have imports, too. */
function importsOf(path: string): { path: string; specifier: string; isDynamic: boolean }[] {
  const text = readFileSync(resolve(CLIENT, path), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/(?<!['"])\b(?:from|import)\s*(\(?)\s*['"]([^'"]+)['"]/g)].map(
    ([, parenthesis, specifier = '']) => ({ path, specifier, isDynamic: parenthesis === '(' }),
  );
}

const library = clientSources();
const sourcesOf = (folder: string) =>
  readdirSync(resolve(CLIENT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('dist/'))
    .map((path) => `${folder}/${path}`);
const command = sourcesOf('command');
const load = sourcesOf('load');
const packagesOf = (specifiers: readonly string[]) =>
  [
    ...new Set(
      specifiers
        .filter((each) => !/^(\.|node:)/.test(each))
        .map((each) =>
          each
            .split('/')
            .slice(0, each.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    ),
  ].sort();

// Which packages the client imports, and that it loads its signer only when it signs, is in test/package/size and test/documents.
describe('the client', () => {
  test('has one dependency, its signer, and asks for no other package', () => {
    expect(Object.keys(manifestOf('.').dependencies)).toEqual(['aws4fetch']);
    expect(manifestOf('.').peerDependencies).toBeUndefined();
  });

  test('uses nothing that only Node has, and so runs in a browser', () => {
    const ofNode = library.filter((path) =>
      /\b(process\.|Buffer\b|NodeJS\.|require\()/.test(readFileSync(resolve(CLIENT, path), 'utf8')),
    );
    expect(library).toContain('client.ts');
    expect(ofNode).toEqual([]);
  });
});

describe('the load engine', () => {
  const imported = load.flatMap(importsOf);

  test('knows of the client what every program may know', () => {
    const known = imported.map(({ specifier }) => specifier).filter((each) => each.startsWith('../'));
    expect([...new Set(known)].sort()).toEqual(['../contract/problems.ts', '../index.ts']);
  });

  test('runs in a browser: it imports nothing from Node', () => {
    expect(imported.filter(({ specifier }) => specifier.startsWith('node:'))).toEqual([]);
  });
});

describe('the command', () => {
  const imported = [...command, ...load].flatMap(importsOf);

  test('imports the packages that it declares, with the signer of the client, and no others', () => {
    const packages = packagesOf(imported.map(({ specifier }) => specifier)).filter((name) => name !== CHAIN);
    const { dependencies } = manifestOf('command');
    expect([...packages, 'aws4fetch'].sort()).toEqual(Object.keys(dependencies).sort());
  });

  test("loads AWS's credentials chain when it is needed, from a package that need not be there", () => {
    expect(imported.filter(({ isDynamic }) => isDynamic)).toEqual([
      { path: 'command/credentials.ts', specifier: CHAIN, isDynamic: true },
    ]);
    const { peerDependencies, peerDependenciesMeta } = manifestOf('command');
    expect(Object.keys(peerDependencies)).toEqual([CHAIN]);
    expect(peerDependenciesMeta).toEqual({ [CHAIN]: { optional: true } });
  });
});
