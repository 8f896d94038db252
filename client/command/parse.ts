import { parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import { type CommandName, OPTION_PAGES, OPTIONS, type OptionPage } from './option-table.ts';
import { UsageError } from './usage.ts';

/** Options as they were given. */
export type Values = ReturnType<typeof parseStrictly>['values'];

/**
 * Takes the command line apart. Throws {@link UsageError} for an option that there is not, that lacks its value, or that is given
 * twice: of two keys one would be dropped, and a call made that was not meant.
 */
export function parse(args: readonly string[]): ReturnType<typeof parseStrictly> {
  const options = readOptions(args);
  rejectUnknown(options, args);
  rejectRepeated(options);
  try {
    return parseStrictly(joinNegatives(args, options));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseStrictly(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, strict: true, options: OPTIONS });
}

/** What begins with a dash, whether or not there is such an option. The parser's own messages about it would be about something else. */
function readOptions(args: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: OPTIONS,
  });
  return tokens.filter((token) => token.kind === 'option');
}

type GivenOptions = ReturnType<typeof readOptions>;

function rejectUnknown(options: GivenOptions, args: readonly string[]): void {
  const unknown = options.find(({ name }) => !Object.hasOwn(OPTIONS, name));
  if (unknown === undefined) {
    return;
  }
  if (/^\d$/.test(unknown.name)) {
    throw new UsageError(`${JSON.stringify(args[unknown.index])} is no option, and an amount has no sign`);
  }
  const names = OPTION_PAGES.map(([name]) => name);
  const near = nearest(unknown.name, names);
  throw new UsageError(
    `there is no option ${unknown.rawName}${near === undefined ? '' : `; did you mean --${near}?`}`,
  );
}

function rejectRepeated(options: GivenOptions): void {
  const single = options.filter(({ name }) => {
    const option: OptionPage & { multiple?: true } = OPTIONS[name as keyof typeof OPTIONS];
    return option.type === 'string' && option.multiple !== true;
  });
  const repeated = single.find(({ name }, index) => single.findIndex((each) => each.name === name) < index);
  if (repeated !== undefined) {
    throw new UsageError(`${repeated.rawName} is given twice, and only one can be meant`);
  }
}

/** Writes `--seed -1` as `--seed=-1`: no option begins with a digit, so this is a value, and what reads it says what is wrong with it. */
function joinNegatives(args: readonly string[], options: GivenOptions): string[] {
  const before = new Set(
    options
      .filter(({ inlineValue, value }) => inlineValue === false && /^-\d/.test(value))
      .map(({ index }) => index),
  );
  return args.flatMap((argument, index) => {
    if (before.has(index - 1)) return [];
    return before.has(index) ? [`${argument}=${args[index + 1]}`] : [argument];
  });
}

/** An option that would do nothing must not look as if it had been obeyed. Throws {@link UsageError}. */
export function rejectMisplaced(values: Values, command: CommandName): void {
  for (const [name, { commands }] of OPTION_PAGES) {
    const value = values[name as keyof Values];
    if (value !== undefined && value !== false && !commands.includes(command)) {
      throw new UsageError(`--${name} does not go with ${command}, only with ${commands.join(', ')}`);
    }
  }
}
