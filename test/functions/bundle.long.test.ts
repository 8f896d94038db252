import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { bundlePlainly } from '../bench/program.ts';

/** How far a figure of functions/BUNDLE.md may be off before somebody has to look at it again. */
const TOLERANCE = 0.05;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinbank-bundle-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the table of the largest parts in functions/BUNDLE.md is that of the bundle as it is deployed', async () => {
  const bytesOf = async (entry: string) => {
    const outFile = `${folder}/deployed.mjs` as const;
    const metafile = await bundle({ entry: join(PROJECT_FOLDER, entry), outFile });
    return { parts: partsOf(metafile), bytes: (await readFile(outFile)).length };
  };
  const bank = await bytesOf('functions/api.ts');
  const sweep = await bytesOf('functions/sweep.ts');
  const sdkOnly = await readFile(await bundlePlainly(folder, 'sdk-only', './sdk-only.ts'));
  const actual = [
    ...bank.parts.slice(0, 10).map(([name, bytes]) => [`\`${name}\``, bytes] as const),
    ['The whole bundle', bank.bytes] as const,
    ['The bundle of the sweep', sweep.bytes] as const,
    [
      'A handler that only imports the SDK and makes one write, bundled without these options',
      sdkOnly.length,
    ] as const,
  ];
  console.log(actual.map(([name, bytes]) => `| ${name} | ${bytes.toLocaleString('en')} |`).join('\n'));

  const document = await readFile(join(PROJECT_FOLDER, 'functions/BUNDLE.md'), 'utf8');
  const [table = ''] = /\| Part \| Bytes \|\n.*?\n\n/s.exec(document) ?? [];
  const written = new Map(
    [...table.matchAll(/^\| (.+) \| ([\d,]+) \|$/gm)].map(([, name, bytes = '']) => [
      name,
      Number(bytes.replaceAll(',', '')),
    ]),
  );
  expect([...written.keys()].toSorted()).toEqual(actual.map(([name]) => name).toSorted());
  const off = actual.filter(
    ([name, bytes]) => Math.abs((written.get(name) ?? 0) - bytes) > TOLERANCE * bytes,
  );
  expect(off).toEqual([]);
});

/** A bundle's bytes by the package, or the folder of this project, that they come from; the largest part first. */
function partsOf({ outputs }: Metafile): [string, number][] {
  const bytesByName = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs),
  )) {
    const name = partOf(path);
    bytesByName.set(name, (bytesByName.get(name) ?? 0) + bytesInOutput);
  }
  return [...bytesByName].toSorted(([, one], [, other]) => other - one);
}

/** A package inside of another one's `node_modules` counts for itself. */
function partOf(path: string): string {
  const [, inside] = /^.*node_modules\/(.*)$/.exec(path) ?? [];
  if (inside === undefined) {
    return `${path.split('/', 1)[0]}/`;
  }
  return inside.split('/', inside.startsWith('@') ? 2 : 1).join('/');
}
