import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  loadAwsChain,
  NoCredentialsError,
  openCredentials,
  signingOf,
} from '../../../client/command/credentials.ts';
import { platform } from '../../../client/environment.ts';
import { exitCodeOf, showProgress } from '../program.ts';
import { holdDrill } from './drill.ts';
import { DrillError, type Fault, noFault } from './fault.ts';
import { FisFault } from './fis.ts';
import { type DrillArguments, readDrill } from './options.ts';
import { planOf } from './plan.ts';
import { formatProgress, toJson, toText } from './text.ts';

/** The program behind `npm run drill`. */
const args = process.argv.slice(2);
const isJson = args.includes('--json');
const say = (line: string) => process.stderr.write(`${line}\n`);

// Even if the reader of the output has ended, the drill has to stop the fault.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** Longest time that the credentials may take, at the beginning. */
const CREDENTIALS_TIMEOUT_MS = 15_000;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Ctrl-C may come twice, from the terminal and from npm, and a fault that was left behind is worse than a wait.
  process.on(signal, () => {
    if (!interruption.signal.aborted) {
      say(
        '\nEnding: the fault is stopped, then unknown outcomes are resolved and everything is checked. Please wait.',
      );
      interruption.abort(new Error('interrupted'));
    }
  });
}

process.exitCode = await main();
// A credentials chain that was given up may leave something behind, which must not keep the drill from ending.
setTimeout(() => process.stdout.write('', () => process.exit()), 100).unref();

async function main(): Promise<number> {
  try {
    return await run(readDrill(args, process.env, (path) => readFileSync(path, 'utf8')));
  } catch (error) {
    return fail(error);
  }
}

async function run(options: DrillArguments): Promise<number> {
  const { bank, regions, minutes, clients, callsPerSecond, seed = randomInt(2 ** 31) } = options;
  const name = nameOfRun(new Date());
  const endpointOf = ({ region, url }: (typeof regions)[number]) => ({ region, url });
  const endpoints = [endpointOf(regions[0]), endpointOf(regions[1])] as const;
  const limits = { loadChain: loadAwsChain, timeoutMs: CREDENTIALS_TIMEOUT_MS, signal: interruption.signal };
  const credentials = await openCredentials(signingOf(endpoints, process.env), limits);
  const startedMs = performance.now();
  const report = await holdDrill({
    bank: bank.name,
    endpoints,
    options: credentials === undefined ? {} : { credentials },
    fault: await openFault(options, name, limits),
    run: name,
    seed,
    clients,
    callsPerSecond,
    plan: planOf(minutes),
    environment: platform,
    signal: interruption.signal,
    onProgress: (progress) => showProgress(formatProgress(progress, performance.now() - startedMs, minutes)),
  });
  showProgress('');
  console.log(options.json ? toJson(report) : toText(report));
  return report.ok ? 0 : 1;
}

async function openFault(
  { fault, regions: [{ region }] }: DrillArguments,
  run: string,
  limits: Parameters<typeof openCredentials>[1],
): Promise<Fault> {
  if (fault.kind === 'none') {
    return noFault;
  }
  // FIS is AWS even if the bank's endpoints are not, and takes no request without a signature.
  const signing = signingOf([{ url: `https://fis.${region}.amazonaws.com`, region }], process.env);
  const credentials = await openCredentials(signing, limits);
  if (credentials === undefined) {
    throw new NoCredentialsError('FIS takes no request without a signature');
  }
  return new FisFault({
    name: fault.kind,
    region,
    templateId: fault.templateId,
    run,
    credentials,
    url: process.env['AWS_ENDPOINT_URL_FIS'],
  });
}

/** Names sort by time, and two drills that begin at the same moment have different ones. */
function nameOfRun(now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${time}-${randomBytes(2).toString('hex')}`;
}

function fail(error: unknown): number {
  const exitCode = error instanceof NoCredentialsError ? 2 : exitCodeOf(error);
  if (exitCode === 0) {
    return 0;
  }
  const isKnown = exitCode === 2 || error instanceof DrillError;
  const code = isKnown ? (error as { code: string }).code : 'unexpected';
  const message = error instanceof Error ? error.message : String(error);
  say(isJson ? JSON.stringify({ event: 'error', code, message }) : `drill: ${message}`);
  return exitCode;
}
