import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalBankCode, LocalBankError } from './errors.ts';

/** First message of a process to its parent: it is ready, with what the parent needs, or it failed. */
export type FirstMessage<Ready> =
  | { readonly ready: Ready }
  | { readonly error: { readonly code: LocalBankCode; readonly message: string } };

interface StartProcessOptions {
  /** Handed over as JSON in the first argument. */
  readonly input: unknown;
  readonly environment: NodeJS.ProcessEnv;
  /** File that output is appended to; without one the output goes where the parent's errors go. */
  readonly logFile: string | null;
}

/**
 * Starts a compiled program as a process of its own.
 *
 * It leads its own session, so that the Ctrl-C meant for the parent does not reach it: the parent decides what ends
 * when. It ends by itself when the channel to its parent closes, which also happens when the parent is killed.
 */
export function startProcess(
  program: string,
  { input, environment, logFile }: StartProcessOptions,
): ChildProcess {
  const output = logFile === null ? process.stderr.fd : openSync(logFile, 'a');
  try {
    return fork(program, [JSON.stringify(input)], {
      detached: true,
      env: environment,
      // Not those of the parent, which may be a loader of TypeScript.
      execArgv: [],
      stdio: ['ignore', output, output, 'ipc'],
    });
  } finally {
    if (logFile !== null) {
      closeSync(output);
    }
  }
}

/** Waits for the first message. Rejects when the process reports that it failed, ends without a message, or takes too long. */
export async function firstMessage<Ready>(
  child: ChildProcess,
  name: string,
  timeoutMs: number,
): Promise<Ready> {
  const settled = new AbortController();
  const { signal } = settled;
  const fail = (why: string): never => {
    throw new LocalBankError('unexpected', `${name} ${why}.`);
  };
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code, killer]) =>
        fail(`ended before it was ready (${killer ?? code})`),
      ),
      sleep(timeoutMs, undefined, { signal }).then(() => fail(`was not ready after ${timeoutMs / 1000} s`)),
    ])) as [FirstMessage<Ready>];
    if ('error' in message) {
      throw new LocalBankError(message.error.code, message.error.message);
    }
    return message.ready;
  } finally {
    settled.abort();
  }
}

/** Resolves when the process is gone. */
export function ended(child: ChildProcess): Promise<void> {
  const over = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  if (over) {
    return Promise.resolve();
  }
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Waits for a process that was told to end, and kills it if it takes too long. */
export async function endedWithin(child: ChildProcess, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await ended(child);
  clearTimeout(timer);
}

/** Sends the parent of this process a message, unless the parent has ended. `onSent` is called once the channel has taken it. */
export function sendToParent(message: object, onSent?: () => void): void {
  if (process.connected) {
    process.send?.(message, undefined, undefined, onSent);
  }
}

/** Kills a process that may have ended by itself. */
export function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended.
  }
}

/** Resolves when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await once(signal, 'abort');
  }
}
