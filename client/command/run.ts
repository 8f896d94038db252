import type { Balance, Moved, OutcomeSoFar } from '../answers.ts';
import { BankClient } from '../client.ts';
import { InvalidArgumentError, OutcomeUnknownError, RefusedError, UnavailableError } from '../errors.ts';
import type { BankEvent } from '../events.ts';
import { type Command, readCommand } from './arguments.ts';
import type { LoadChain } from './chain.ts';
import { NoCredentialsError, openCredentials, signingOf } from './credentials.ts';
import { HELP } from './help.ts';
import type { ReadFile } from './outputs.ts';
import { tell } from './story.ts';
import { UsageError } from './usage.ts';

/** Exit codes of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, outcomeUnknown: 4, unavailable: 5 } as const;

/** What the command takes from its process. */
export interface CommandProcess {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly readFile: ReadFile;
  readonly loadChain: LoadChain;
  /** Clock that never jumps, in milliseconds. */
  readonly elapsedMs: () => number;
  /** Writes data. */
  readonly out: (line: string) => void;
  /** Writes everything else. */
  readonly err: (line: string) => void;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/** Runs the command and gives its exit code. Never throws. */
export async function run(io: CommandProcess): Promise<number> {
  let json = io.args.includes('--json');
  try {
    const command = readCommand(io.args, io.environment, io.readFile);
    switch (command.kind) {
      case 'help':
        io.out(HELP.trimEnd());
        return EXIT.done;
      case 'version':
        io.out(io.version);
        return EXIT.done;
      default: {
        json = command.json;
        const answer = await ask(command, io);
        io.out(json ? toJson(answer) : toText(answer));
        return EXIT.done;
      }
    }
  } catch (error) {
    return fail(error, json, io);
  }
}

type Ask = Exclude<Command, { kind: 'help' | 'version' }>;

async function ask(command: Ask, io: CommandProcess): Promise<Moved | Balance | OutcomeSoFar> {
  const { endpoints, timeoutMs } = command;
  const { signal, loadChain } = io;
  const startedMs = io.elapsedMs();
  const signing = signingOf(endpoints, io.environment);
  const credentials = await openCredentials(signing, { loadChain, timeoutMs, signal });
  await using client = new BankClient({
    endpoints,
    // The time that the credentials took is part of the time that the user gives the call.
    callTimeoutMs: Math.max(1, timeoutMs - (io.elapsedMs() - startedMs)),
    // The key of every call is on the screen, so its reply must stay: somebody may retry with it.
    acknowledgeAfterMs: false,
    ...(credentials === undefined ? {} : { credentials }),
    onEvent: (event) => report(event, command, io),
  });
  if ('amountMinor' in command) {
    const options = command.key === undefined ? { signal } : { signal, key: command.key };
    return await client[command.kind](command.account, command.amountMinor, options);
  }
  return command.kind === 'balance'
    ? await client.balance(command.account, { signal })
    : await client[command.kind](command.account, command.key, { signal });
}

/** Balances are strings in JSON, as on the wire: not every reader of JSON keeps 15 digits. */
function toJson(answer: object): string {
  return JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function toText(answer: Moved | Balance | OutcomeSoFar): string {
  if (!('outcome' in answer)) {
    return String(answer.balance);
  }
  switch (answer.outcome) {
    case 'executed':
      return `executed ${answer.balance}`;
    case 'refused':
      return `refused ${answer.code}`;
    case 'cancelled':
    case 'none':
      return answer.outcome;
  }
}

function report(event: BankEvent, { json, verbose }: Ask, { err }: CommandProcess): void {
  if (event.type === 'key') {
    err(json ? JSON.stringify({ event: 'key', key: event.key }) : `key ${event.key}`);
    return;
  }
  const line = verbose ? tell(event) : undefined;
  if (line !== undefined) {
    err(json ? JSON.stringify({ event: 'story', line }) : line);
  }
}

/** Says what went wrong and gives the exit code for it. */
export function fail(error: unknown, json: boolean, { err }: Pick<CommandProcess, 'err'>): number {
  const { exitCode, code, advice } = classify(error);
  const message = error instanceof Error ? error.message : String(error);
  const key = error instanceof Error && 'key' in error ? { key: error.key } : {};
  err(
    json
      ? JSON.stringify({ event: 'error', code, message, ...key })
      : `bank: ${code.replaceAll('_', ' ')}: ${message}${advice}`,
  );
  return exitCode;
}

function classify(error: unknown): { exitCode: number; code: string; advice: string } {
  if (error instanceof UsageError || error instanceof InvalidArgumentError) {
    return { exitCode: EXIT.usage, code: 'usage', advice: '\nSee bank --help.' };
  }
  if (error instanceof NoCredentialsError) {
    return { exitCode: EXIT.usage, code: error.code, advice: '' };
  }
  if (error instanceof RefusedError) {
    return { exitCode: EXIT.refused, code: error.code, advice: '' };
  }
  if (error instanceof OutcomeUnknownError) {
    return {
      exitCode: EXIT.outcomeUnknown,
      code: error.code,
      advice: `\nRun the same command again; a deposit or withdrawal with --key ${error.key}`,
    };
  }
  if (error instanceof UnavailableError) {
    // An earlier run with the same key may have been executed, so a new key could pay twice.
    const advice = error.key === undefined ? '' : `\nTo try again, keep the key: --key ${error.key}`;
    return { exitCode: EXIT.unavailable, code: error.code, advice };
  }
  return { exitCode: EXIT.failed, code: 'failed', advice: '' };
}
