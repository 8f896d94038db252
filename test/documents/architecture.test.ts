import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { fencedBlocks } from '../support/markdown.ts';

const PAGE = await readFile(join(PROJECT_FOLDER, 'ARCHITECTURE.md'), 'utf8');
const [diagram = ''] = fencedBlocks(PAGE)
  .filter(({ language }) => language === 'mermaid')
  .map(({ text }) => text);

/** The rooms of the diagram, by the names that its arrows use. */
const ROOMS = new Map(
  [...diagram.matchAll(/^ *(\w+)\["(.+)"\]$/gm)].map(([, name = '', path = '']) => [name, path]),
);

/** `import ... from`, `export ... from`, an import for its effect, and one at run time, in the formatter's form. */
const IMPORT = /^(?:import|export)\b[^;'`]*?\bfrom '([^']+)';$|^import '([^']+)';$|\bimport\('([^']+)'\)/gm;

interface Import {
  readonly from: string;
  /** A file of the project, or a package. */
  readonly to: { readonly file: string } | { readonly packageName: string };
}

const imports = (await Promise.all(sourceFiles().map(importsOf))).flat();

/** Every TypeScript file that is not ignored by git. */
function sourceFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'];
  return execFileSync('git', args, { cwd: PROJECT_FOLDER, encoding: 'utf8' }).trim().split('\n');
}

/** Types count as well: who needs to know a room's types knows the room. */
async function importsOf(from: string): Promise<Import[]> {
  const code = (await readFile(join(PROJECT_FOLDER, from), 'utf8'))
    .split('\n')
    .filter((line) => !/^\s*(\*|\/\/)/.test(line))
    .join('\n');
  return [...code.matchAll(IMPORT)].map(([, named, alone, loaded]) => {
    const name = named ?? alone ?? loaded ?? '';
    return {
      from,
      to: name.startsWith('.')
        ? { file: normalize(join(dirname(from), name)) }
        : { packageName: name.split('/', name.startsWith('@') ? 2 : 1).join('/') },
    };
  });
}

/** The innermost room that a file is in; undefined for a test. */
function roomOf(file: string): string | undefined {
  return [...ROOMS]
    .filter(([, path]) => file === path || (path.endsWith('/') && file.startsWith(path)))
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([name]) => name)[0];
}

test('the arrows of the diagram are the imports that there are, no more and no less', () => {
  const drawn = [...diagram.matchAll(/^ *(\w+) --> (\w+)$/gm)].map(([, from, to]) => `${from} --> ${to}`);
  const real = imports.flatMap(({ from, to }) => {
    const [here, there] = [roomOf(from), 'file' in to ? roomOf(to.file) : undefined];
    return here === undefined || there === undefined || here === there ? [] : [`${here} --> ${there}`];
  });
  expect(drawn.length).toBeGreaterThan(10);
  expect(drawn.toSorted()).toEqual([...new Set(real)].toSorted());
});

test('every file is in a room or in test/, and nothing outside imports test/', () => {
  for (const file of sourceFiles()) {
    expect(roomOf(file) ?? file).toMatch(/^(\w+|test\/.+)$/);
  }
  const outside = imports.filter(({ from }) => !from.startsWith('test/'));
  expect(outside.length).toBeGreaterThan(100);
  expect(outside.filter(({ to }) => 'file' in to && to.file.startsWith('test/'))).toEqual([]);
});

test('each room has the packages that the page says, and no others', () => {
  const documented = new Map(
    [...PAGE.matchAll(/^\| `([^`]+)` \|.*\|([^|]*)\|$/gm)].map(([, path = '', packages = '']) => [
      path,
      packages
        .trim()
        .split(', ')
        .filter((name) => name !== '')
        .sort(),
    ]),
  );
  for (const [name, path] of ROOMS) {
    const packages = imports
      .filter(({ from }) => roomOf(from) === name)
      .flatMap(({ to }) => ('packageName' in to ? [to.packageName] : []))
      .filter((packageName) => !packageName.startsWith('node:'));
    expect({ path, packages: [...new Set(packages)].sort() }).toEqual({
      path,
      packages: documented.get(path),
    });
  }
});

test('nothing that runs on one machine loads the CDK, which is more than everything else together', () => {
  const programs = [
    'infra/local/start.ts',
    'infra/local/demo.ts',
    'test/proof/chaos/main.ts',
    'test/bench/main.ts',
  ];
  for (const program of programs) {
    const loaded = new Set([program]);
    for (const file of loaded) {
      for (const { from, to } of imports) {
        if (from === file && 'file' in to) {
          loaded.add(to.file);
        }
      }
    }
    const packages = imports.flatMap(({ from, to }) =>
      loaded.has(from) && 'packageName' in to ? [to.packageName] : [],
    );
    expect(packages, program).toContain('@aws-sdk/client-dynamodb');
    expect(packages, program).not.toContain('aws-cdk-lib');
  }
});

test('the client itself uses nothing of Node, so that it runs elsewhere', () => {
  const ofNode = imports.filter(
    ({ from, to }) =>
      ['client', 'contract'].includes(roomOf(from) ?? '') &&
      'packageName' in to &&
      to.packageName.startsWith('node:'),
  );
  expect(ofNode).toEqual([]);
});

test('every file and page that the page names is there', async () => {
  const names = [...PAGE.matchAll(/`((?:client|functions|infra|test)\/[\w/-]+\.\w+)`|\]\(([\w/]+\.md)\)/g)];
  for (const [, code, link] of names) {
    await readFile(join(PROJECT_FOLDER, code ?? link ?? ''), 'utf8');
  }
  expect(names.length).toBeGreaterThan(5);
});
