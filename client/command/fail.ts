import { InvalidArgumentError, OutcomeUnknownError, RefusedError, UnavailableError } from '../errors.ts';
import type { AttemptFailure } from '../failure.ts';
import { isCommandName } from './commands.ts';
import { NoCredentialsError } from './credentials.ts';
import { messageOf, REPLAYED } from './describe.ts';
import type { CommandProcess } from './process.ts';
import { UsageError } from './usage.ts';

/** Exit codes of the command, as `bank --help` explains them. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, outcomeUnknown: 4, unavailable: 5 } as const;

/** How the command reports an error. */
interface Report {
  readonly exitCode: number;
  readonly code: string;
  /** What to do next, one sentence for each line. */
  readonly advice?: readonly string[];
}

/** Prints what went wrong and what to do next. Returns the exit code. */
export function fail(
  error: unknown,
  { args, err, paint }: Pick<CommandProcess, 'args' | 'err' | 'paint'>,
): number {
  const { exitCode, code, advice = [] } = classify(error, args);
  const message = messageOf(error);
  const replayed = error instanceof RefusedError && error.replayed;
  if (args.includes('--json')) {
    // JSON omits undefined members.
    err(
      JSON.stringify({
        event: 'error',
        code,
        message,
        key: error instanceof Error && 'key' in error ? error.key : undefined,
        replayed: replayed || undefined,
        advice: advice.length === 0 ? undefined : advice.join(' '),
      }),
    );
  } else {
    const first = `${paint.err('bad', 'bank:')} ${code.replaceAll('_', ' ')}: ${message}`;
    err([first, ...(replayed ? [REPLAYED] : []), ...advice].join('\n'));
  }
  return exitCode;
}

function classify(error: unknown, args: readonly string[]): Report {
  if (error instanceof UsageError || error instanceof InvalidArgumentError) {
    const command = args.find(isCommandName);
    const help = command === undefined ? 'bank --help' : `bank ${command} --help`;
    return { exitCode: EXIT.usage, code: 'usage', advice: [`See ${help}.`] };
  }
  if (error instanceof NoCredentialsError) {
    return { exitCode: EXIT.usage, code: error.code };
  }
  if (error instanceof RefusedError) {
    return { exitCode: EXIT.refused, code: error.code };
  }
  if (error instanceof OutcomeUnknownError) {
    const advice = `Run the same command again. For a call that changes an account, add --key ${error.key}`;
    return { exitCode: EXIT.outcomeUnknown, code: error.code, advice: [advice] };
  }
  if (error instanceof UnavailableError) {
    // An earlier run with the same key may have been executed, so a new key could pay twice.
    const advice = error.key === undefined ? [] : [`To try again, keep the key: --key ${error.key}`];
    return {
      exitCode: EXIT.unavailable,
      code: error.code,
      advice: [...adviceOn(error.failures), ...advice],
    };
  }
  return { exitCode: EXIT.failed, code: 'failed' };
}

/** Says what may help if no connection could be made. */
export function adviceOn(failures: readonly AttemptFailure[]): readonly string[] {
  if (failures.length === 0 || !failures.every(({ reason }) => reason === 'cannot_connect')) {
    return [];
  }
  const urls = [...new Set(failures.map(({ endpoint }) => endpoint.url))];
  const where = urls.join(' and ');
  return urls.every(isLoopback)
    ? [`No server listens at ${where}. Start a bank with npm start, or set its address with --endpoint.`]
    : [`Check the network and the address ${where}. --endpoint or --outputs sets the address.`];
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
