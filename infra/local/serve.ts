/** The program of a Region's process: an API Gateway, a schedule and their Lambda functions in one, on the loopback interface. */
import { copyFileSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { firstLine, toLocalBankError } from './errors.ts';
import { type FunctionSettings, type Handler, invoke, type LambdaHandler } from './lambda.ts';
import { type FirstMessage, sendToParent } from './process.ts';
import { listen } from './region-server.ts';

/** The input of a Region's process at its start. */
export interface ServeInput extends FunctionSettings {
  /** Path of the function's bundle. */
  readonly bundleFile: string;
  readonly port: number;
  /** The function that sweeps, and its bundle. */
  readonly sweep: FunctionSettings & { readonly bundleFile: string };
  /** File that standard output and standard error are appended to. */
  readonly logFile: string;
  /** Whether the parent receives what is logged, as it is logged. */
  readonly sendsLog: boolean;
}

/** What a Region's process sends once it is ready: what it has logged, or why it could not write its log, the first time. */
export type ServeMessage = { readonly logged: string } | { readonly logFailed: string };

/** Time between two sweeps. A deployed bank sweeps each minute; on one machine a person is watching. */
const SWEEP_EVERY_MS = 5_000;

/** Longest that a line of the log waits to be sent, in milliseconds. A message for each would cost a call more than its log line. */
const LOG_EVERY_MS = 50;

/** Most characters that wait to be sent. While the parent is stopped and reads nothing, older ones are dropped; the log file has them. */
const MAX_UNSENT = 1_000_000;

/** The log file begins anew above this size. The one before is kept under the same name with `.1`. */
const MAX_LOG_BYTES = 50_000_000;

const input = JSON.parse(process.argv[2] ?? '{}') as ServeInput;

// The parent has ended, even by SIGKILL, and nothing else would end this process.
process.once('disconnect', () => process.exit(0));
if (!process.connected) {
  process.exit(0);
}

let isReady = false;
let unsent = '';
let isSending = false;
let logBytes = fstatSync(process.stdout.fd).size;
/** Why the log could not be written, the first time. */
let logFailed: string | undefined;
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text: string | Uint8Array, ...rest: readonly unknown[]) => {
    const error = writeLog(stream.fd, text);
    const callback = rest.at(-1);
    if (typeof callback === 'function') {
      process.nextTick(callback, error);
    }
    return true;
  };
}

/**
 * Writes to the log, and returns the error of a failed write. After one, Node's own streams write no more, and end the process unless the
 * error is handled; a disk that was full may have room again.
 */
function writeLog(fd: number, text: string | Uint8Array): unknown {
  let failure: unknown;
  try {
    if (logBytes > MAX_LOG_BYTES) {
      copyFileSync(input.logFile, `${input.logFile}.1`);
      ftruncateSync(fd);
      logBytes = 0;
    }
    logBytes += writeSync(fd, Buffer.from(text));
  } catch (error) {
    failure = error;
    if (logFailed === undefined) {
      logFailed = firstLine(error);
      reportLogFailed();
    }
  }
  if (isReady && input.sendsLog) {
    unsent = (unsent.length > MAX_UNSENT ? '' : unsent) + Buffer.from(text).toString();
    sendSoon();
  }
  return failure;
}

/** The first message that the parent expects is that the Region is ready, or why it is not. So this one waits for it. */
function reportLogFailed(): void {
  if (isReady && logFailed !== undefined) {
    send({ logFailed });
  }
}

/** Sends what was logged, one message at a time: the next one follows once the channel has taken the last one. */
function sendSoon(): void {
  if (isSending || unsent === '') {
    return;
  }
  isSending = true;
  setTimeout(() => {
    send({ logged: unsent }, () => {
      isSending = false;
      sendSoon();
    });
    unsent = '';
  }, LOG_EVERY_MS);
}

try {
  const handler = await load<Handler>(input.bundleFile);
  const sweep = await load<LambdaHandler<object, void>>(input.sweep.bundleFile);
  await listen(input.port, (event) => invoke(handler, event, input));
  void sweepRepeatedly(sweep);
  send({ ready: null });
  isReady = true;
  reportLogFailed();
} catch (error) {
  console.error(error);
  const { code, message } = toLocalBankError(error, 'region_failed');
  send({ error: { code, message } });
  process.exit(1);
}

async function load<Loaded>(bundleFile: string): Promise<Loaded> {
  const { handler } = (await import(pathToFileURL(bundleFile).href)) as { handler: Loaded };
  return handler;
}

/** Sweeps until the process ends. A process that is frozen does not sweep. */
async function sweepRepeatedly(handler: LambdaHandler<object, void>): Promise<never> {
  for (;;) {
    await sleep(SWEEP_EVERY_MS);
    try {
      await invoke(handler, {}, input.sweep);
    } catch (error) {
      console.error(error);
    }
  }
}

function send(message: FirstMessage<null> | ServeMessage, onSent?: () => void): void {
  sendToParent(message, onSent);
}
