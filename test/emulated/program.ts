import { type ChildProcess, spawn } from 'node:child_process';
import { EmulatedError } from './errors.ts';

interface ProgramOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with the program's process group, to end it if this process is killed. Returns a function that undoes this. */
  readonly guard: (group: number) => () => void;
}

/** How many characters of the output are kept, from its end. */
const MAX_OUTPUT = 200_000;

/** Lines that are shown of a program that failed. */
const SHOWN_LINES = 60;

/** Time in which a program may end by itself before it is killed. */
const GRACE_MS = 3000;

/**
 * Runs a program to its end, and returns what it printed. Rejects with the last lines of that if it fails or takes too long,
 * and with the signal's reason after an abort.
 *
 * It leads a process group of its own: the Ctrl-C meant for the parent does not reach it, and everything that it
 * has started ends with it.
 */
export function runProgram(
  [command = '', ...words]: readonly string[],
  { environment, folder, timeoutMs, signal, guard }: ProgramOptions,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(command, words, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const release = child.pid === undefined ? () => undefined : guard(child.pid);
  let output = '';
  const collect = (chunk: string) => {
    output = (output + chunk).slice(-MAX_OUTPUT);
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);

  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const limit = AbortSignal.any([signal, late.signal]);
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(child, 'SIGTERM');
    killer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  };
  limit.addEventListener('abort', stop, { once: true });

  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      limit.removeEventListener('abort', stop);
      clearTimeout(timer);
      clearTimeout(killer);
      signalGroup(child, 'SIGKILL');
      release();
      if (code === 0) {
        return resolve(output);
      }
      if (signal.aborted) {
        return reject(signal.reason);
      }
      const how = limit.aborted
        ? `was not done after ${timeoutMs / 1000} s`
        : `ended with ${killedBy ?? code}`;
      const tail = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
      reject(new EmulatedError('program_failed', `${words.join(' ')} ${how}. It printed:\n${tail}`));
    });
  });
}

function signalGroup({ pid }: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, name);
    }
  } catch {
    // Nothing of it is left.
  }
}
