import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';

/** How a program ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
}

/** A program that was started. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts a program, and keeps what it prints. By default in the project's folder, without standard input. */
export function startProgram(
  [command = '', ...args]: readonly string[],
  options: SpawnOptions = {},
): Running {
  const child = spawn(command, args, { cwd: PROJECT_FOLDER, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const printed = { stdout: '', stderr: '', output: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
      printed.output += text;
    });
  }
  return { child, ended: once(child, 'close').then(([code]) => ({ code, ...printed })) };
}

/** The words that run a program of the project, without npm, so that signals and exit codes are those of the program. */
export function programIn(file: string): readonly string[] {
  return [process.execPath, '--import', 'tsx', file];
}
