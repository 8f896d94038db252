import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { FUNCTION_TIMEOUT_MS } from '../../../infra/configuration.ts';
import { awsEnvironment } from '../../../infra/local/environment.ts';
import type { TableNames } from '../../../infra/names.ts';
import { ColdStartError } from './errors.ts';
import type { StartTimes } from './result.ts';
import type { StarterInput, StarterReport } from './starter.ts';

/** What a function finds around it. */
export interface Surroundings {
  /** Where DynamoDB answers. */
  readonly endpoint: string;
  readonly tables: TableNames;
}

/** One start, in milliseconds. */
export type Start = Readonly<Record<keyof StartTimes, number>>;

const REGION = 'us-east-1';

/** Node's options as deployed; see infra/function.ts. */
export const NODE_OPTIONS = '--enable-source-maps';

/** Longest that one start is waited for. */
const START_TIMEOUT_MS = 30_000;

/** Most of what a process writes to its standard error that is kept, in characters. */
const MAX_COMPLAINTS = 10_000;

/** A start's first call. */
export interface FirstCall {
  readonly bundleFile: string;
  readonly event: APIGatewayProxyEventV2;
  /** What the answer must say that the balance is. */
  readonly expectedBalance: string;
}

/** Starts a function in a fresh process and waits for the answer of its first call, and then for the end of the process. */
export async function startCold(
  starter: string,
  { bundleFile, event, expectedBalance }: FirstCall,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Start> {
  const startedMs = performance.now();
  const settings = { functionName: 'cold-start', region: REGION, timeoutMs: FUNCTION_TIMEOUT_MS };
  const child = spawn(starter, { bundleFile, event, ...settings }, surroundings, signal);
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(0, MAX_COMPLAINTS);
  });
  const closed = once(child, 'close');
  const heard = once(child, 'message').then(([message]) => ({
    report: message as StarterReport,
    answeredMs: performance.now() - startedMs,
  }));
  const answer = await Promise.race([heard, closed.then(() => null)]);
  const [code, killedBy] = await closed;
  if (answer === null) {
    const message = `${bundleFile} ended without an answer (${killedBy ?? code}).`;
    throw new ColdStartError('no_answer', message, { cause: complaints });
  }
  const { statusCode, body, ...times } = answer.report;
  // A function that answers an error is quick.
  if (statusCode !== 200 || balanceIn(body) !== expectedBalance) {
    const message = `${bundleFile} answered ${statusCode} ${body}.`;
    throw new ColdStartError('wrong_answer', message, { cause: complaints });
  }
  return { answeredMs: answer.answeredMs, ...times };
}

function spawn(
  starter: string,
  input: StarterInput,
  { endpoint, tables }: Surroundings,
  signal: AbortSignal,
): ChildProcess {
  return fork(starter, [JSON.stringify(input)], {
    // Nothing of this process's own environment: a compile cache, say, would make every start but the first a warm one.
    env: {
      ...awsEnvironment(endpoint, REGION),
      NODE_OPTIONS,
      BANK: 'cold-start',
      ACCOUNTS_TABLE: tables.accounts,
      PAGES_TABLE: tables.pages,
      IDEMPOTENCY_TABLE: tables.idempotency,
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]),
    killSignal: 'SIGKILL',
  });
}

function balanceIn(body = '{}'): unknown {
  return (JSON.parse(body) as { balance?: unknown }).balance;
}
