import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  loadAwsChain,
  NoCredentialsError,
  openCredentials,
  signingOf,
} from '../../../client/command/credentials.ts';
import { platform } from '../../../client/environment.ts';
import { interruption, run, showProgress } from '../program.ts';
import { holdDrill } from './drill.ts';
import { type Fault, noFault } from './fault.ts';
import { FisFault } from './fis.ts';
import { type DrillArguments, readDrill } from './options.ts';
import { planOf } from './plan.ts';
import { formatProgress, toJson, toText } from './text.ts';

/** The program behind `npm run drill`. */
const args = process.argv.slice(2);
/** Longest time that the credentials may take, at the beginning. */
const CREDENTIALS_TIMEOUT_MS = 15_000;

// Ctrl-C may come twice, from the terminal and from npm, and a fault that is left behind is worse than a wait.
const signal = interruption();
signal.addEventListener('abort', () => {
  console.error(
    '\nEnding: the drill stops the fault, resolves unknown outcomes and checks everything. Please wait.',
  );
});

// Even if the reader of the output has ended, the drill has to stop the fault.
await run(() => drill(readDrill(args, process.env, (path) => readFileSync(path, 'utf8'))), {
  json: args.includes('--json'),
});
// A credentials chain that timed out may leave open handles, which must not keep the process alive.
setTimeout(() => process.stdout.write('', () => process.exit()), 100).unref();

async function drill(options: DrillArguments): Promise<number> {
  const { bank, regions, minutes, clients, callsPerSecond, seed = randomInt(2 ** 31) } = options;
  const name = nameOfRun(new Date());
  const endpointOf = ({ region, url }: (typeof regions)[number]) => ({ region, url });
  const endpoints = [endpointOf(regions[0]), endpointOf(regions[1])] as const;
  const limits = { loadChain: loadAwsChain, timeoutMs: CREDENTIALS_TIMEOUT_MS, signal };
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
    signal,
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
  // FIS is AWS even if the bank's endpoints are not, and every request to it must be signed.
  const signing = signingOf([{ url: `https://fis.${region}.amazonaws.com`, region }], process.env);
  const credentials = await openCredentials(signing, limits);
  if (credentials === undefined) {
    throw new NoCredentialsError('Requests to FIS must be signed');
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

/** A name that sorts by time. Two drills that start at the same moment get different names. */
function nameOfRun(now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${time}-${randomBytes(2).toString('hex')}`;
}
