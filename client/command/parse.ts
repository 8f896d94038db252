import { parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import { type CommandName, OPTION_PAGES, OPTIONS } from './option-table.ts';
import { UsageError } from './usage.ts';

/** Options as they were given. */
export type Values = ReturnType<typeof parseStrictly>['values'];

/** Takes the command line apart. Throws {@link UsageError} for an option that there is not, or that lacks its value. */
export function parse(args: readonly string[]): ReturnType<typeof parseStrictly> {
  // A negative amount would otherwise be taken for a row of short options, and the message would be about those.
  const negative = args.find((argument) => /^-\d/.test(argument));
  if (negative !== undefined) {
    throw new UsageError(`AMOUNT: ${JSON.stringify(negative)} will not do: an amount has no sign`);
  }
  rejectUnknown(args);
  try {
    return parseStrictly(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseStrictly(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, strict: true, options: OPTIONS });
}

/** What the parser itself says of an unknown option is about operands that begin with a dash, of which there are none. */
function rejectUnknown(args: readonly string[]): void {
  const { tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: OPTIONS,
  });
  const unknown = tokens.find((token) => token.kind === 'option' && !Object.hasOwn(OPTIONS, token.name));
  if (unknown?.kind === 'option') {
    const names = OPTION_PAGES.map(([name]) => name);
    const near = nearest(unknown.name, names);
    throw new UsageError(
      `there is no option ${unknown.rawName}${near === undefined ? '' : `; did you mean --${near}?`}`,
    );
  }
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
