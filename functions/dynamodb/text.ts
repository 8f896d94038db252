import { shortOf, uuidOf } from './uuid.ts';

/** How a member of an entry or a mark is written: as a word, or as a flag. A set flag is a letter after the first one. */
type Field<Value> = Word<Value> | { readonly flag: string; readonly set: Value; readonly unset: Value };

interface Word<Value> {
  /** True for a word that can be read. */
  is(word: string): boolean;
  read(word: string): Value;
  write(value: Value): string;
}

/** Members in the order in which they are written. */
export type Fields<Type> = { readonly [Member in keyof Type]-?: Field<Type[Member]> };
export type AnyFields = Readonly<Record<string, Field<unknown>>>;

type Members = Readonly<Record<string, unknown>>;

/** The text form of a call, an end or a mark: a letter with its flags, then words. */
export interface Form<Type> {
  readonly letter: string;
  readonly fields: Fields<Type>;
}

/** The default `write` uses `toString`, which throws for a missing value. `String` would store the word "undefined". */
function word<Value extends string | number | bigint>(
  form: RegExp,
  read: (word: string) => Value,
  write = (value: Value): string => value.toString(),
) {
  return { is: (word: string) => form.test(word), read, write };
}

export const AMOUNT = word(/^[0-9]+$/, BigInt);
export const SECONDS = word(/^[0-9]+$/, Number);
export const ACCOUNT = word(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/, String);
export const KEY = word(/^[A-Za-z0-9_-]{22}$/, uuidOf, shortOf);
/**
 * Milliseconds since 1970, in base 36: eight digits from 1972 to 2059. Fewer digits are not accepted, so that other text is not taken for
 * a time in 1970.
 */
export const TIME = word(
  /^[0-9a-z]{8,9}$/,
  (digits) => Number.parseInt(digits, 36),
  (timeMs) => timeMs.toString(36),
);

/** A word for a value that may be undefined, which is written as `none`. For a last word `none` can be empty: then the word is left out. */
export function optional<Value>(
  { is, read, write }: Word<Value>,
  none: '*' | '' = '*',
): Word<Value | undefined> {
  return {
    is: (word) => word === none || is(word),
    read: (word) => (word === none ? undefined : read(word)),
    write: (value) => (value === undefined ? none : write(value)),
  };
}

/** A flag that is set if a member is true. */
export function flag(letter: string) {
  return { flag: letter, set: true, unset: false } as const;
}

/** The names of forms by their letters. */
export function byLetter<Name extends string>(forms: Readonly<Record<Name, { readonly letter: string }>>) {
  return new Map((Object.keys(forms) as Name[]).map((name) => [forms[name].letter, name]));
}

/** Writes a text: a letter with its flags, words, and a reference. */
export function writeText(
  letter: string,
  parts: readonly (readonly [AnyFields, object])[],
  reference?: string,
): string {
  let flags = letter;
  let words = '';
  for (const [fields, members] of parts) {
    for (const name in fields) {
      const field = fields[name] as Field<unknown>;
      const value = (members as Members)[name];
      if ('flag' in field) {
        flags += value === field.set ? field.flag : '';
      } else {
        const word = field.write(value);
        words += word === '' ? '' : ` ${word}`;
      }
    }
  }
  return flags + words + (reference === undefined ? '' : ` =${reference}`);
}

/** Reads a text, in the order in which it was written. */
export class TextReader {
  readonly letter: string;
  /** The rest after ` =`. */
  readonly reference: string | undefined;
  #flags: string;
  readonly #words: string[];
  #fits: boolean;

  constructor(text: string) {
    const end = text.indexOf(' =');
    const [head = '', ...words] = (end === -1 ? text : text.slice(0, end)).split(' ');
    this.letter = head.slice(0, 1);
    this.reference = end === -1 ? undefined : text.slice(end + 2);
    this.#flags = head.slice(1);
    this.#words = words;
    this.#fits = !words.includes('') && (end === -1 || /^.{1,64}$/.test(text.slice(end + 2)));
  }

  /** Reads the next fields and adds them to `members`. */
  take(fields: AnyFields, members: Record<string, unknown> = {}): Members {
    for (const name in fields) {
      const field = fields[name] as Field<unknown>;
      if ('flag' in field) {
        const isSet = this.#flags.startsWith(field.flag);
        this.#flags = isSet ? this.#flags.slice(1) : this.#flags;
        members[name] = isSet ? field.set : field.unset;
      } else {
        const word = this.#words.shift() ?? '';
        this.#fits &&= field.is(word);
        members[name] = this.#fits ? field.read(word) : undefined;
      }
    }
    return members;
  }

  /** True if the whole text was read and fits its fields. */
  get isRead(): boolean {
    return this.#fits && this.#flags === '' && this.#words.length === 0;
  }
}
