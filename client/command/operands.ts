import * as v from 'valibot';
import {
  accountSchema,
  amountSchema,
  keySchema,
  referenceSchema,
  timestampSchema,
} from '../contract/schemas.ts';
import { COMMANDS, SHELLS, type Shell, synopsisOf } from './command-table.ts';
import { nearest } from './nearest.ts';
import { type CommandName, NUMBERS, type NumberOption } from './option-table.ts';
import { UsageError } from './usage.ts';

/** Checks that a command has as many operands as it takes. Throws {@link UsageError}. */
export function readOperands(command: CommandName, words: readonly string[]): readonly string[] {
  const { operands } = COMMANDS[command];
  const missing = operands[words.length];
  if (missing !== undefined) {
    throw new UsageError(`${missing} is missing: ${synopsisOf(command)}`);
  }
  const extra = words[operands.length];
  if (extra !== undefined) {
    throw new UsageError(`${JSON.stringify(extra)} is too much: ${synopsisOf(command)}`);
  }
  return words;
}

export function readAccount(text: string | undefined): string {
  return check(accountSchema, text, 'ACCOUNT');
}

export function readKey(name: string, text: string | undefined): string {
  return check(keySchema, text, name);
}

export function readReference(text: string): string {
  return check(referenceSchema, text, '--reference');
}

/** Reads a time, as milliseconds since 1970. */
export function readMoment(name: string, text: string): number {
  return Date.parse(check(timestampSchema, text, name));
}

/** Reads an amount of minor units. Who writes units and cents is told how many minor units that would be. */
export function readAmount(text: string | undefined): bigint {
  const [, units, cents] = /^(\d{1,13})[.,](\d\d)$/.exec(text ?? '') ?? [];
  const hint = units === undefined ? '' : `. For ${text} with hundredths, say ${BigInt(`${units}${cents}`)}`;
  return check(amountSchema, text, 'AMOUNT', hint);
}

export function readShell(text: string | undefined): Shell {
  const shell = SHELLS.find((each) => each === text);
  if (shell === undefined) {
    const near = nearest(text ?? '', SHELLS);
    throw new UsageError(
      `SHELL: ${JSON.stringify(text)} is not valid: ${near === undefined ? `it is one of ${SHELLS.join(', ')}` : `did you mean ${near}?`}`,
    );
  }
  return shell;
}

/** Reads the number of an option, or takes the usual one. */
export function readNumber(option: NumberOption, text: string | undefined): number {
  const { from, to, usual } = NUMBERS[option];
  if (text === undefined) {
    return usual;
  }
  const value = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= to)) {
    throw new UsageError(
      `--${option}: ${JSON.stringify(text)} is not valid: it is a whole number from ${from} to ${to}`,
    );
  }
  return value;
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  input: string | undefined,
  name: string,
  hint = '',
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (!result.success) {
    throw new UsageError(
      `${name}: ${JSON.stringify(input)} is not valid: ${result.issues[0].message}${hint}`,
    );
  }
  return result.output;
}
