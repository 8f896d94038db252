import { once } from 'node:events';
import { Command, CommanderError, Option } from 'commander';
import { messageOf } from '../../client/command/describe.ts';
import { openTerminal, toJson } from '../../client/command/terminal.ts';
import { UsageError } from '../../client/command/usage.ts';

export { toJson, UsageError };

// The SDK warns of each Node release that its next major version drops, in the middle of a report.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** A program of this project, which answers `--help`. `name` is what people type to start it. */
export function program(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .helpOption('-h, --help', 'print this')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
}

/** The options of a command line. Throws {@link UsageError}, and what {@link exitCodeOf} knows after `--help`. */
export function parse<Options extends object>(command: Command, words: readonly string[]): Options {
  try {
    return command.parse(words, { from: 'user' }).opts<Options>();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) {
      throw new UsageError(
        `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')} (--help lists the options)`,
      );
    }
    throw error;
  }
}

/** The exit code after an error: 0 after help, 2 if the command line is not valid or there are no credentials, otherwise 1. */
export function exitCodeOf(error: unknown): 0 | 1 | 2 {
  if (error instanceof CommanderError && error.exitCode === 0) {
    return 0;
  }
  const code = codeOf(error);
  return code === 'usage' || code === 'no_credentials' ? 2 : 1;
}

/**
 * Runs a program and sets its exit code. Prints why it failed: an expected error in one sentence, any other one with its stack, and with
 * `json` both as one object.
 */
export async function run(main: () => Promise<number>, { json = false } = {}): Promise<void> {
  surviveLostReader();
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (process.exitCode !== 0) {
      const message = messageOf(error);
      const code = codeOf(error);
      if (json) {
        console.error(JSON.stringify({ event: 'error', code: code ?? 'unexpected', message }));
      } else {
        console.error(code === undefined ? error : message);
      }
    }
  }
}

/** The `code` of an expected error. Those of AWS's SDK have only a name, such as that of a table that is not there. */
function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return undefined;
  }
  if (error.name === 'CredentialsProviderError') {
    return 'no_credentials';
  }
  return 'code' in error ? error.code : '$metadata' in error ? error.name : undefined;
}

/** Keeps the program running when the reader of its output has gone, as `head` does. It still cleans up, and its exit code says how it ended. */
export function surviveLostReader(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

/** Shows a line in place of the one before, on a terminal only. An empty line clears it. */
export const { progress: showProgress } = openTerminal(process.stdout, process.stderr);

/**
 * Aborts at a signal that ends programs, such as that of Ctrl-C. What waits for it fails with `Interrupted.` With `once`, a second signal ends
 * the program at once.
 */
export function interruption({ once = false } = {}): AbortSignal {
  const controller = new AbortController();
  const reason = Object.assign(new Error('Interrupted.'), { code: 'interrupted' });
  const listen = (once ? process.once : process.on).bind(process);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    listen(signal, () => controller.abort(reason));
  }
  return controller.signal;
}

/** Ends a paragraph. Where a person reads along, the next one waits for the Enter key. Throws the signal's reason. */
export async function nextScreen(signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process;
  if (stdin.isTTY !== true || stdout.isTTY !== true || stdin.readableEnded) {
    stdout.write('\n');
    return;
  }
  stdout.write('\nEnter shows the next part. ');
  try {
    // After Ctrl-D no key comes any more.
    await Promise.race([once(stdin, 'data', { signal }), once(stdin, 'end', { signal })]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    // Otherwise it would keep the program alive.
    stdin.pause();
  }
  stdout.write('\n');
}

/** An option with a value. `read` gives undefined for a text that is not what was `expected`. */
export function valueOption<Value>(
  flags: string,
  description: string,
  expected: string,
  read: (text: string) => Value | undefined,
): Option {
  const option = new Option(flags, description);
  return option.argParser((text: string) => {
    const value = read(text);
    if (value === undefined) {
      throw new UsageError(`${option.long}: expected ${expected}, got ${JSON.stringify(text)}`);
    }
    return value;
  });
}

export function textOption(flags: string, description: string, expected = 'a name'): Option {
  return valueOption(flags, description, expected, (text) => (text === '' ? undefined : text));
}

export function regionOption(description: string): Option {
  return valueOption('--region <region>', description, 'a Region such as us-east-1', (text) =>
    /^[a-z]{2}(-[a-z]+)+-\d$/.test(text) ? text : undefined,
  );
}

export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  const expected = `one of ${choices.join(', ')}`;
  return valueOption(flags, description, expected, (text) => (choices.includes(text) ? text : undefined));
}

export function wholeOption(flags: string, description: string, from: number, to: number): Option {
  return valueOption(
    flags,
    `${description}, ${from} to ${to}`,
    `a whole number from ${from} to ${to}`,
    (text) => within(/^\d{1,10}$/.test(text) ? Number(text) : Number.NaN, from, to),
  );
}

export function numberOption(flags: string, description: string, from: number, to: number): Option {
  return valueOption(flags, `${description}, ${from} to ${to}`, `a number from ${from} to ${to}`, (text) =>
    within(/^\d{1,10}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN, from, to),
  );
}

/** A seed that does again what an earlier run did. */
export function seedOption(
  flags = '--seed <number>',
  description = 'do again what an earlier run did',
): Option {
  return wholeOption(flags, description, 0, 2 ** 31 - 1);
}

function within(value: number, from: number, to: number): number | undefined {
  return value >= from && value <= to ? value : undefined;
}
