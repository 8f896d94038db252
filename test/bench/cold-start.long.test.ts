import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { propertiesOf, synthesize } from '../support/deployment.ts';
import { createTestTables, type TestTables } from '../support/tables.ts';
import { bundleAll } from './cold-start/bundles.ts';
import { depositEvent } from './cold-start/event.ts';
import { measureColdStart } from './cold-start/measure.ts';
import { partsOf } from './cold-start/parts.ts';
import { NODE_OPTIONS, startCold } from './cold-start/start.ts';
import { summarizeColdStart } from './cold-start/summarize.ts';

const never = new AbortController().signal;
let folder: string;
let tables: TestTables;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinbank-cold-start-test-'));
  tables = await createTestTables();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('both functions are started as often as planned, and every start has answered its deposit', async () => {
  const said: string[] = [];
  const result = await measureColdStart(
    { starts: 2 },
    tables.endpoint,
    tables,
    (says) => said.push(says),
    never,
  );
  expect(said.at(-1)).toBe('cold start, 2 of 2');
  expect(result.node).toBe(process.version);
  for (const program of ['bank', 'sdk_only'] as const) {
    const { answeredMs, bootMs, importMs, firstCallMs, processorMs } = result.starts[program];
    for (const { median, samples } of [answeredMs, bootMs, importMs, firstCallMs, processorMs]) {
      expect(median).toBeGreaterThan(0);
      expect(samples).toBe(2);
    }
    expect(result.bundles[program].gzippedBytes).toBeLessThan(result.bundles[program].bytes);
  }
  expect(result.ratios.bytes).toBe(result.bundles.bank.bytes / result.bundles.sdk_only.bytes);
  expect(result.parts.map(({ name }) => name)).toContain('functions/');
});

test('a start that ends without the deposit that it was started for is an error and no figure', async () => {
  const { functions, starter } = await bundleAll(folder);
  const nowhere = { accounts: 'no-such-table', pages: 'no-such-table', idempotency: 'no-such-table' };
  const start = (bundleFile: string) =>
    startCold(
      starter,
      { bundleFile, event: depositEvent('joe', '10'), expectedBalance: '10' },
      { endpoint: tables.endpoint, tables: nowhere },
      never,
    );
  await expect(start(functions.bank.file)).rejects.toMatchObject({ code: 'wrong_answer' });
  await expect(start(functions.sdk_only.file)).rejects.toMatchObject({ code: 'no_answer' });
});

test('nothing is started any more when the run is given up', async () => {
  const given = AbortSignal.abort(new Error('given up'));
  await expect(measureColdStart({ starts: 1 }, tables.endpoint, tables, () => {}, given)).rejects.toThrow(
    'given up',
  );
});

test('functions are started with the options that Node is deployed with', () => {
  const [region] = synthesize().regions;
  const { Environment } = propertiesOf(
    region,
    'AWS::Lambda::Function',
    ({ FunctionName }) => FunctionName === 'twinbank-api',
  ) as { Environment: { Variables: Record<string, unknown> } };
  expect(Environment.Variables['NODE_OPTIONS']).toBe(NODE_OPTIONS);
});

test('times are compared by their medians', () => {
  const bundleOf = (bytes: number) => ({ file: '', size: { bytes, gzippedBytes: bytes / 4 }, parts: [] });
  const start = (ms: number) => ({
    answeredMs: ms,
    bootMs: ms,
    importMs: ms,
    firstCallMs: ms,
    processorMs: ms,
  });
  const { ratios, starts } = summarizeColdStart(
    { bank: bundleOf(1200), sdk_only: bundleOf(1000) },
    { bank: [10, 30, 900].map(start), sdk_only: [20, 20, 20].map(start) },
  );
  expect(starts.bank.importMs.median).toBe(30);
  expect(ratios).toMatchObject({ bytes: 1.2, gzippedBytes: 1.2, answeredMs: 1.5, processorMs: 1.5 });
});

test('the parts of a bundle are told by package, wherever a package lies', () => {
  const inputs = {
    'node_modules/@scope/one/lib/a.js': { bytesInOutput: 3 },
    'node_modules/two/node_modules/@scope/one/b.js': { bytesInOutput: 4 },
    'node_modules/two/index.js': { bytesInOutput: 5 },
    'functions/core/bank.ts': { bytesInOutput: 6 },
  };
  const output = { bytes: 20, inputs, imports: [], exports: [] };
  expect(
    partsOf({ inputs: {}, outputs: { 'out.mjs': output, 'out.mjs.map': { ...output, inputs: {} } } }),
  ).toEqual([
    { name: '@scope/one', bytes: 7 },
    { name: 'functions/', bytes: 6 },
    { name: 'two', bytes: 5 },
  ]);
});

/** How far a figure of functions/BUNDLE.md may be off before somebody has to look at it again. */
const TOLERANCE = 0.05;

test('the table of the largest parts is that of the bundle as it is deployed', async () => {
  const bytesOf = async (entry: string) => {
    const outFile = `${folder}/deployed.mjs` as const;
    const metafile = await bundle({ entry: join(PROJECT_FOLDER, entry), outFile });
    return { parts: partsOf(metafile), bytes: (await readFile(outFile)).length };
  };
  const bank = await bytesOf('functions/api.ts');
  const sdkOnly = await bytesOf('test/bench/cold-start/sdk-only.ts');
  const actual = [
    ...bank.parts.slice(0, 10).map(({ name, bytes }) => [`\`${name}\``, bytes] as const),
    ['The whole bundle', bank.bytes] as const,
    ['The same of a handler that only imports the SDK and does one write', sdkOnly.bytes] as const,
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
