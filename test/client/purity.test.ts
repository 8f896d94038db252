import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const CLIENT = fileURLToPath(new URL('../../client', import.meta.url));

const sources = readdirSync(CLIENT, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|js)$/.test(path) && !/^(dist|node_modules)\b/.test(path))
  .map((path) => ({ path, text: readFileSync(resolve(CLIENT, path), 'utf8') }));

/** What a source imports, exports from, or imports as it runs; comments are left out, since examples import too. */
function importsOf(text: string): { specifier: string; isDynamic: boolean }[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/\b(?:from|import)\s*(\(?)\s*['"]([^'"]+)['"]/g)].map(
    ([, parenthesis, specifier = '']) => ({ specifier, isDynamic: parenthesis === '(' }),
  );
}

const all = sources.flatMap(({ path, text }) => importsOf(text).map((each) => ({ path, ...each })));
/** What is imported when the importing source is. */
const imports = all.filter(({ isDynamic }) => !isDynamic).map(({ path, specifier }) => ({ path, specifier }));
const isCommand = (path: string) => /^(command|bin)\//.test(path);
const isLoad = (path: string) => path.startsWith('load/');

describe('the client', () => {
  it('is all here, with imports to look at', () => {
    expect(sources.map(({ path }) => path)).toEqual(expect.arrayContaining(['client.ts', 'command/main.ts']));
    expect(imports).toContainEqual({ path: 'caller.ts', specifier: './call.ts' });
    expect(all).toContainEqual({ path: 'sign.ts', specifier: 'aws4fetch', isDynamic: true });
  });

  it('imports no package but the four that it declares, and so no AWS SDK', () => {
    const packages = all
      .map(({ specifier }) => specifier)
      .filter((each) => !/^(\.|node:|@aws-sdk\/credential-provider-node$)/.test(each))
      .map((each) => each.split('/')[0]);
    const { dependencies } = JSON.parse(readFileSync(resolve(CLIENT, 'package.json'), 'utf8'));

    expect([...new Set(packages)].sort()).toEqual(Object.keys(dependencies).sort());
    expect(Object.keys(dependencies).sort()).toEqual(['aws4fetch', 'p-map', 'pure-rand', 'valibot']);
  });

  it('loads of the contract its tables only, and the signer when it needs it: pages would pay for schemas and prose', () => {
    const library = imports.filter(
      ({ path }) => !isCommand(path) && !isLoad(path) && !path.startsWith('contract/'),
    );

    expect(library.filter(({ specifier }) => !specifier.startsWith('.'))).toEqual([]);
    const tables = ['contract/formats.ts', 'contract/operations.ts', 'contract/problems.ts'];
    const loaded = library.map(({ specifier }) => specifier).filter((each) => each.startsWith('./contract/'));
    expect([...new Set(loaded)].sort()).toEqual(tables.map((path) => `./${path}`));
    expect(imports.filter(({ path }) => tables.includes(path))).toEqual([]);
  });

  it("has AWS's credentials chain loaded by the command, when it is needed, and by nothing else", () => {
    const loaded = all.filter(
      ({ isDynamic, path }) => isDynamic && path !== 'sign.ts' && !path.startsWith('bin/'),
    );
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(resolve(CLIENT, 'package.json'), 'utf8'),
    );

    expect(loaded).toEqual([
      { path: 'command/chain.ts', specifier: '@aws-sdk/credential-provider-node', isDynamic: true },
    ]);
    expect(Object.keys(peerDependencies)).toEqual(['@aws-sdk/credential-provider-node']);
    expect(peerDependenciesMeta).toEqual({ '@aws-sdk/credential-provider-node': { optional: true } });
  });

  it('imports nothing from outside its folder: not the function, not the infrastructure, not the tests', () => {
    const outside = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .filter(({ path, specifier }) =>
        relative(CLIENT, resolve(CLIENT, dirname(path), specifier)).startsWith('..'),
      );

    expect(outside).toEqual([]);
  });

  it('has a load engine that knows of it what every program may know', () => {
    const known = imports
      .filter(({ path, specifier }) => isLoad(path) && specifier.startsWith('../'))
      .map(({ specifier }) => specifier);

    expect([...new Set(known)].sort()).toEqual(['../contract/problems.ts', '../index.ts']);
    expect(imports.filter(({ path, specifier }) => /load\//.test(specifier) && !isCommand(path))).toEqual([]);
  });

  it('runs in a browser: only the command and the histogram of the load import from Node, or use what only Node has', () => {
    const library = sources.filter(({ path }) => !isCommand(path));

    expect(
      imports
        .filter(({ path, specifier }) => specifier.startsWith('node:') && !isCommand(path))
        .map(({ path }) => path),
    ).toEqual(['load/latency.ts']);
    expect(library.filter(({ text }) => /\b(process\.|Buffer\b|NodeJS\.|require\()/.test(text))).toEqual([]);
    expect(imports.filter(({ path, specifier }) => /command\//.test(specifier) && !isCommand(path))).toEqual(
      [],
    );
  });
});
