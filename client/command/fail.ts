import { InvalidArgumentError, OutcomeUnknownError, RefusedError, UnavailableError } from '../errors.ts';
import type { AttemptFailure } from '../failure.ts';
import { isCommandName } from './command-table.ts';
import { NoCredentialsError } from './credentials.ts';
import { EXIT } from './exit.ts';
import type { CommandProcess } from './process.ts';
import { REPLAYED } from './story.ts';
import { UsageError } from './usage.ts';

/** What an error is to whoever typed the command. */
interface Verdict {
  readonly exitCode: number;
  readonly code: string;
  /** What to do next, a sentence a line. */
  readonly advice: readonly string[];
}

/** Says what went wrong and what to do next, and gives the exit code for it. */
export function fail(
  error: unknown,
  json: boolean,
  { args, err, paint }: Pick<CommandProcess, 'args' | 'err' | 'paint'>,
): number {
  const { exitCode, code, advice } = classify(error, args);
  const message = error instanceof Error ? error.message : String(error);
  const replayed = error instanceof RefusedError && error.replayed;
  if (json) {
    const key = error instanceof Error && 'key' in error ? { key: error.key } : {};
    const next = advice.length === 0 ? {} : { advice: advice.join(' ') };
    err(
      JSON.stringify({ event: 'error', code, message, ...key, ...(replayed ? { replayed } : {}), ...next }),
    );
  } else {
    const what = `${paint.err('bad', 'bank:')} ${code.replaceAll('_', ' ')}: ${message}`;
    err([what, ...(replayed ? [REPLAYED] : []), ...advice].join('\n'));
  }
  return exitCode;
}

function classify(error: unknown, args: readonly string[]): Verdict {
  if (error instanceof UsageError || error instanceof InvalidArgumentError) {
    const [command] = args.filter(isCommandName);
    return {
      exitCode: EXIT.usage,
      code: 'usage',
      advice: [`See ${['bank', command].filter(Boolean).join(' ')} --help.`],
    };
  }
  if (error instanceof NoCredentialsError) {
    return { exitCode: EXIT.usage, code: error.code, advice: [] };
  }
  if (error instanceof RefusedError) {
    return { exitCode: EXIT.refused, code: error.code, advice: [] };
  }
  if (error instanceof OutcomeUnknownError) {
    return {
      exitCode: EXIT.outcomeUnknown,
      code: error.code,
      advice: [`Run the same command again; a deposit or withdrawal with --key ${error.key}`],
    };
  }
  if (error instanceof UnavailableError) {
    return {
      exitCode: EXIT.unavailable,
      code: error.code,
      advice: [
        ...adviceOn(error.failures),
        // An earlier run with the same key may have been executed, so a new key could pay twice.
        ...(error.key === undefined ? [] : [`To try again, keep the key: --key ${error.key}`]),
      ],
    };
  }
  return { exitCode: EXIT.failed, code: 'failed', advice: [] };
}

/** Says what may help when nobody could be connected to. */
export function adviceOn(failures: readonly AttemptFailure[]): readonly string[] {
  if (failures.length === 0 || !failures.every(({ reason }) => reason === 'cannot_connect')) {
    return [];
  }
  const urls = [...new Set(failures.map(({ endpoint }) => endpoint.url))];
  const where = urls.join(' and ');
  return urls.every(isLoopback)
    ? [`Nobody listens at ${where}. Start a bank with npm start, or say with --endpoint where it is.`]
    : [`Is the network up, and is the bank at ${where}? --endpoint and --outputs say where it is.`];
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
