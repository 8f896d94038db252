import type { ChildProcess } from 'node:child_process';
import { awsEnvironment, withoutAws } from '../../../infra/local/environment.ts';
import { startProcess } from '../../../infra/local/process.ts';
import type { CallerInput } from './caller.ts';

const PROGRAM = new URL('./caller.ts', import.meta.url).href;

/** Starts a process that makes a deposit. An abort kills it. */
export function startCaller(input: CallerInput, signal: AbortSignal): ChildProcess {
  signal.throwIfAborted();
  const child = startProcess(PROGRAM, {
    input,
    environment: { ...withoutAws(process.env), ...awsEnvironment(input.endpoint, 'us-east-1') },
    logFile: null,
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  child.once('exit', () => signal.removeEventListener('abort', kill));
  return child;
}
