import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { HEADERS, pathOf } from '../../client/contract/schemas.ts';
import { FUNCTION_TIMEOUT_MS } from '../../infra/configuration.ts';
import type { TableNames } from '../../infra/names.ts';
import { moveEvent } from '../support/events.ts';
import { newKey } from '../support/keys.ts';
import { TableSetup } from './contenders/tables.ts';
import type { FirstCall, FirstCallInput } from './processes/first-call.ts';
import { bundleInto, bundlePlainly, functionEnvironment, Program } from './program.ts';
import type { Question, Site, Table } from './question.ts';
import { interleave, ratioOf, spreadOf } from './statistics.ts';

interface ColdStartPlan {
  readonly starts: number;
}

/** Where the time of a start went. */
type Start = Readonly<Record<keyof typeof TIMES, number>>;

const TIMES = {
  firstAnswerMs: 'process started to first answer, ms',
  importMs: 'of it, the bundle is loaded, ms',
  firstCallMs: 'of it, the first call, ms',
  cpuMs: 'CPU time of the process, ms',
} as const;

/** Node's options as deployed; see infra/function.ts. */
export const NODE_OPTIONS = '--enable-source-maps';

export const coldStart: Question<ColdStartPlan> = {
  title: 'Cold start',
  note:
    'The deployed bundle in a fresh process, from the start of the process to the answer to its first deposit, divided by a ' +
    'function that only imports the SDK and makes one write, bundled as esbuild does by itself. Lambda starts a machine first, which is not in these figures. ' +
    'Median (p25..p75) of the starts.',
  plans: { quick: { starts: 5 }, full: { starts: 30 } },
  measure: measureColdStart,
};

async function measureColdStart({ starts }: ColdStartPlan, site: Site): Promise<readonly Table[]> {
  const { endpoint, folder, onProgress, signal } = site;
  await using setup = new TableSetup(endpoint);
  const tables = await setup.createForBank();
  const bank = await bundleInto(folder, 'bank', '../../functions/api.ts');
  const sdkOnly = await bundlePlainly(folder, 'sdk-only', './sdk-only.ts');
  const starter = await bundlePlainly(folder, 'first-call', './processes/first-call.ts');
  const sides = {
    bank: () => startCold(starter, bank, endpoint, tables),
    sdkOnly: () => startCold(starter, sdkOnly, endpoint, tables),
  };
  const onRound = (round: number) => onProgress(`start ${round} of ${starts}`);
  const measured = await interleave(sides, starts, { onRound, signal });
  const times = Object.entries(TIMES) as [keyof Start, string][];
  const sizes = [await sizesOf(bank), await sizesOf(sdkOnly)] as const;
  return [
    {
      title: 'Time',
      rows: times.map(([name, what]) => ({
        what,
        ratio: ratioOf(measured, ['bank', 'sdkOnly'], (start) => start[name]),
        function: spreadOf(measured.map((round) => round.bank[name])),
        sdkOnly: spreadOf(measured.map((round) => round.sdkOnly[name])),
      })),
    },
    {
      title: 'Size of the bundle in bytes',
      rows: (['plain', 'gzipped'] as const).map((what) => ({
        what,
        ratio: sizes[0][what] / sizes[1][what],
        function: sizes[0][what],
        sdkOnly: sizes[1][what],
      })),
    },
  ];
}

async function sizesOf(file: string) {
  const code = await readFile(file);
  return { plain: code.length, gzipped: gzipSync(code).length };
}

async function startCold(
  starter: string,
  bundleFile: string,
  endpoint: string,
  tables: TableNames,
): Promise<Start> {
  const path = pathOf('deposit', { account: `cold-${randomUUID()}` });
  const input: FirstCallInput = {
    bundleFile,
    event: moveEvent(path, newKey(), { amount: '10' }, { [HEADERS.replyCache]: 'no' }),
    functionName: 'cold-start',
    region: 'us-east-1',
    timeoutMs: FUNCTION_TIMEOUT_MS,
  };
  // Nothing of this process's environment: with a compile cache, say, only the first start would be cold.
  const environment = { ...functionEnvironment(endpoint, tables), NODE_OPTIONS };
  const startedMs = performance.now();
  const { program, greeting } = await Program.start<never, never, FirstCall>(starter, input, environment);
  const firstAnswerMs = performance.now() - startedMs;
  await program[Symbol.asyncDispose]();
  const { status, body = '{}', importMs, firstCallMs, cpuMs } = greeting;
  // A function that answers an error is fast.
  if (status !== 200 || (JSON.parse(body) as { balance?: unknown }).balance !== '10') {
    throw new Error(`${bundleFile} answered ${status} ${body}`);
  }
  return { firstAnswerMs, importMs, firstCallMs, cpuMs };
}
