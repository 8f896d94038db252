import { shortOf, uuidOf } from './uuid.ts';

/** How a member of an entry or a mark is written: as a word, or as a flag, which is a letter behind the first one, or none. */
type Field<Value> = Word<Value> | { readonly flag: string; readonly set: Value; readonly unset: Value };

interface Word<Value> {
  /** True for a word that it can be read from. */
  is(word: string): boolean;
  read(word: string): Value;
  write(value: Value): string;
}

/** Members in the order in which they are written. */
export type Fields<Type> = { readonly [Member in keyof Type]-?: Field<Type[Member]> };
export type AnyFields = Readonly<Record<string, Field<unknown>>>;

type Members = Readonly<Record<string, unknown>>;

/** How something is written: a letter with its flags, and words. */
export interface Form<Type> {
  readonly letter: string;
  readonly fields: Fields<Type>;
}

/** `toString` throws at a value that is missing, where `String` would store the word "undefined". */
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
/** Milliseconds since 1970. They have eight digits from 1972 to 2059: a text of another form must not be taken for a time in 1970. */
export const TIME = word(
  /^[0-9a-z]{8,9}$/,
  (digits) => Number.parseInt(digits, 36),
  (timeMs) => timeMs.toString(36),
);

/** A word that may be missing. `none` is what is written then; a last word may be left out, and `none` is empty. */
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

/** A flag that is there where a member is true. */
export function flag(letter: string) {
  return { flag: letter, set: true, unset: false } as const;
}

/** Which of some forms has a letter. */
export function byLetter<Name extends string>(forms: Readonly<Record<Name, { readonly letter: string }>>) {
  return new Map((Object.keys(forms) as Name[]).map((name) => [forms[name].letter, name]));
}

/** Writes a letter and flags, words, and a reference. */
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

/** Reads a text in the order in which it was written. */
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

  /** Reads what comes next, and adds it to members that are known. */
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

  /** True when the text was what it was read as, and nothing is left. */
  get isRead(): boolean {
    return this.#fits && this.#flags === '' && this.#words.length === 0;
  }
}
