import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFile } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DynamoDB, StartDynamoDBOptions } from './database.ts';
import { JAR_VERSION, jarFolder } from './download.ts';
import { LocalBankError } from './errors.ts';
import { freePorts } from './free-ports.ts';
import { dynamodbLocalArguments } from './java.ts';
import { ended } from './process.ts';

const POLL_MS = 100;
const STOP_TIMEOUT_MS = 5_000;
const JAVA_CHECK_TIMEOUT_MS = 10_000;

/** True when there is a Java that runs. Asking for its version is the only test: macOS has a `java` that is none. */
export async function hasJava(): Promise<boolean> {
  try {
    await promisify(execFile)('java', ['-version'], { timeout: JAVA_CHECK_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}

/** Runs Amazon's jar with Java. */
export async function startJar(options: StartDynamoDBOptions, timeoutMs: number): Promise<DynamoDB> {
  const folder = await jarFolder(options.signal);
  // DynamoDB Local cannot be told to pick a port by itself.
  const [port] = await freePorts();
  const java = spawn('java', dynamodbLocalArguments(port, options.databaseFolder), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lastLine = collect(java, options.logFile);
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await untilItAnswers(java, endpoint, AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]));
  } catch (error) {
    await stop(java);
    options.signal.throwIfAborted();
    throw new LocalBankError(
      'dynamodb_failed',
      `DynamoDB Local did not start with this machine's Java${lastLine() && ` (${lastLine()})`}: check \`java -version\`, 8 or later will do.`,
      { cause: error },
    );
  }
  return {
    endpoint,
    // It cannot be told to listen on the loopback interface only, and it asks nobody who they are.
    description: `DynamoDB Local ${JAR_VERSION} run by Java, which listens on port ${port} of every interface of this machine: let no firewall open it`,
    pid: java.pid ?? null,
    onLost: (callback) => {
      java.once('exit', callback);
    },
    stop: () => stop(java),
  };
}

/** Asks until DynamoDB Local answers, which to a bare GET it does with 400. */
async function untilItAnswers(java: ChildProcess, endpoint: string, signal: AbortSignal): Promise<void> {
  const gone = new AbortController();
  // Not `exit`: only at `close` has everything that Java printed been read.
  java.once('close', () => gone.abort(new Error('java ended')));
  java.once('error', (error) => gone.abort(error));
  const either = AbortSignal.any([signal, gone.signal]);
  for (;;) {
    either.throwIfAborted();
    const status = await statusOf(endpoint, either).catch(() => null);
    if (status === 400) return;
    await sleep(POLL_MS, undefined, { signal: either });
  }
}

async function statusOf(url: string, signal: AbortSignal): Promise<number> {
  const answer = await fetch(url, { signal });
  await answer.arrayBuffer();
  return answer.status;
}

/** Keeps what Java prints, and the last line of it for an error message. */
function collect(java: ChildProcess, logFile: string | null): () => string {
  let last = '';
  const onData = (data: Buffer) => {
    last = data.toString('utf8').trim().split('\n').at(-1)?.trim() || last;
    if (logFile !== null) appendFile(logFile, data, () => undefined);
  };
  java.stdout?.on('data', onData);
  java.stderr?.on('data', onData);
  return () => last.slice(0, 200);
}

async function stop(java: ChildProcess): Promise<void> {
  java.kill('SIGTERM');
  const kill = setTimeout(() => java.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended(java);
  clearTimeout(kill);
}
