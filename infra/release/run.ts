import { spawn } from 'node:child_process';
import { ReleaseError } from './errors.ts';

/** Most that a program may print when it is asked something, in characters; more is cut off. */
const MAX_OUTPUT = 100_000;

/** Runs a program and gives its standard output. What it prints to standard error goes to the screen. */
export function ask(folder: string, program: string, args: readonly string[]): Promise<string> {
  return run(folder, program, args, 'pipe');
}

/** Runs a program with its output on the screen. */
export async function show(folder: string, program: string, args: readonly string[]): Promise<void> {
  await run(folder, program, args, 'inherit');
}

function run(
  folder: string,
  program: string,
  args: readonly string[],
  stdout: 'pipe' | 'inherit',
): Promise<string> {
  const line = [program, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: Error) =>
      reject(new ReleaseError('command_failed', `${line} ${why}.`, { cause }));
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', stdout, 'inherit'] });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT);
    });
    child.once('error', (error) => fail(`did not start: ${error.message}`, error));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else fail(`ended with ${code ?? signal}`);
    });
  });
}
