import type { Attributes } from '../../../functions/dynamodb/attributes.ts';

/** One book, and ways to read it, strongly consistent. */
export interface Book {
  readonly account: string;
  /** Its head when it was found; undefined for pages that have none. */
  readonly head: Attributes | undefined;
  readHead(): Promise<Attributes | undefined>;
  /** Its pages that start at a place or later, oldest first. */
  pages(start: number): AsyncIterable<Attributes>;
}

/** The books of a bank, in its tables, in restored tables, or in exports. Disposing them removes their temporary files. */
export interface Books extends AsyncDisposable {
  /** Identifies what it reads, so that a recovery that is resumed can check that it is the same. */
  readonly name: string;
  /** Names of the parts that can be read side by side. */
  readonly parts: readonly string[];
  /** Reads some books of a part, from the beginning or from the `next` of an earlier read. `next` is undefined at the end of the part. */
  read(
    part: string,
    from: string | undefined,
  ): Promise<{ readonly books: readonly Book[]; readonly next: string | undefined }>;
  /** The current book of an account. It has no head if the account has none. */
  book(account: string): Promise<Book>;
}

/** Books that cannot be read, or that differ from their manifest. */
export class BooksError extends Error {
  override readonly name = 'BooksError';
  readonly code = 'books_unusable';
}

/** An item as text. Equal items have equal texts. */
export function textOf(item: Attributes | undefined): string {
  const sorted = Object.entries(item ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(sorted, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
}
