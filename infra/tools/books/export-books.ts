import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import type { Attributes } from '../../../functions/dynamodb/attributes.ts';
import { type Book, type Books, BooksError } from './books.ts';
import { startOf } from './check.ts';
import { SortedLines } from './sorted-lines.ts';

/** Most items of a part, on average. A part is read into memory. */
const PART_ITEMS = 20_000;

const summarySchema = v.object({ itemCount: v.number(), outputFormat: v.literal('DYNAMODB_JSON') });
const fileSchema = v.object({ itemCount: v.number(), md5Checksum: v.string(), dataFileS3Key: v.string() });
const itemSchema = v.object({ account: v.object({ S: v.string() }), first: v.optional(v.unknown()) });
const lineSchema = v.object({ Item: itemSchema });

type DataFile = v.InferOutput<typeof fileSchema>;

/** The exports of the two tables. */
interface ExportFolders {
  readonly accounts: string;
  readonly pages: string;
}

/**
 * Reads books from two full exports to S3 in DynamoDB JSON, copied to this machine (`aws s3 sync
 * s3://BUCKET/PREFIX/AWSDynamoDB/EXPORT-ID FOLDER`). Their manifests say which files belong to them, and what is in them.
 *
 * An export is unordered, so it is sorted on disk first. A part has all heads and pages of some accounts.
 *
 * See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
export async function exportBooks(folders: ExportFolders, partItems = PART_ITEMS): Promise<Books> {
  const files = { accounts: await dataFiles(folders.accounts), pages: await dataFiles(folders.pages) };
  const items = [...files.accounts, ...files.pages].reduce((sum, { itemCount }) => sum + itemCount, 0);
  const parts = Math.ceil(items / partItems);
  const heads = await SortedLines.open('export', parts);
  const pages = await SortedLines.open('export', parts);
  const remove = async () => {
    await heads[Symbol.asyncDispose]();
    await pages[Symbol.asyncDispose]();
  };
  try {
    for (const file of files.accounts) {
      await sort(folders.accounts, file, heads, 'accounts');
    }
    for (const file of files.pages) {
      await sort(folders.pages, file, pages, 'pages');
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const booksIn = async (part: number) =>
    booksOf((await heads.read(part)).map(itemOf), (await pages.read(part)).map(itemOf));
  return {
    name: `${folders.accounts} and ${folders.pages}`,
    parts: Array.from({ length: parts }, (_, part) => `${part}/${parts}`),
    read: async (part) => ({ books: await booksIn(Number(part.split('/')[0])), next: undefined }),
    book: async (name) => {
      const books = await booksIn(heads.partOf(name));
      return books.find(({ account }) => account === name) ?? bookOf(name, undefined, []);
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** The books of heads and pages that are in any order. */
function booksOf(heads: readonly Attributes[], pages: readonly Attributes[]): readonly Book[] {
  const found = new Map<string, { head?: Attributes; pages: Attributes[] }>();
  const of = ({ account }: Attributes) => {
    const name = account?.S ?? '';
    const book = found.get(name) ?? { pages: [] };
    found.set(name, book);
    return book;
  };
  for (const head of heads) {
    const book = of(head);
    if (book.head !== undefined) {
      throw new BooksError(`${head['account']?.S} has two heads: these files are not of one export`);
    }
    book.head = head;
  }
  for (const page of pages) {
    of(page).pages.push(page);
  }
  return [...found].map(([account, book]) => bookOf(account, book.head, book.pages));
}

/** A book that is in memory. */
export function bookOf(account: string, head: Attributes | undefined, items: readonly Attributes[]): Book {
  const pages = items.toSorted((one, other) => startOf(one) - startOf(other));
  return {
    account,
    head,
    readHead: () => Promise.resolve(head),
    async *pages(start) {
      yield* pages.filter((page) => startOf(page) >= start);
    },
  };
}

/** The files of an export, by its manifests. Throws if a manifest is missing, or if the counts do not add up. */
async function dataFiles(folder: string): Promise<readonly DataFile[]> {
  const summary = parse(summarySchema, await text(folder, 'manifest-summary.json'), 'manifest-summary.json');
  const lines = (await text(folder, 'manifest-files.json')).split('\n').filter((line) => line !== '');
  const files = lines.map((line) => parse(fileSchema, line, 'manifest-files.json'));
  const items = files.reduce((sum, { itemCount }) => sum + itemCount, 0);
  if (items !== summary.itemCount) {
    throw new BooksError(
      `${folder}: the manifest counts ${summary.itemCount} items, but lists files with ${items}`,
    );
  }
  return files.filter(({ itemCount }) => itemCount > 0);
}

/** Adds the lines of a data file to `sorted`. Throws if it is not the file that was exported. */
async function sort(
  folder: string,
  file: DataFile,
  sorted: SortedLines,
  kind: keyof ExportFolders,
): Promise<void> {
  const name = basename(file.dataFileS3Key);
  const path = join(folder, 'data', name);
  const checksum = createHash('md5');
  await readable(path, folder, () => pipeline(createReadStream(path), checksum));
  if (checksum.digest('base64') !== file.md5Checksum) {
    throw new BooksError(`${folder}: ${name} is not the file that was exported: its checksum differs`);
  }
  let items = 0;
  for await (const line of linesOf(path)) {
    if (line === '') {
      continue;
    }
    items += 1;
    const { account, first } = parse(lineSchema, line, name).Item;
    if ((first !== undefined) !== (kind === 'pages')) {
      throw new BooksError(`${folder}: ${name} has items of another table than ${kind}`);
    }
    await sorted.add(account.S, line);
  }
  if (items !== file.itemCount) {
    throw new BooksError(`${folder}: ${name} has ${items} items instead of ${file.itemCount}`);
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path).pipe(createGunzip()) });
  } catch (cause) {
    throw new BooksError(`${path} cannot be unpacked: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

function itemOf(line: string): Attributes {
  return JSON.parse(line, binary).Item;
}

/** Decodes bytes, which JSON has as base64. */
function binary(name: string, value: unknown): unknown {
  if (name === 'B' && typeof value === 'string') {
    return new Uint8Array(Buffer.from(value, 'base64'));
  }
  if (name === 'BS' && Array.isArray(value)) {
    return value.map((each) => binary('B', each));
  }
  return value;
}

function text(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  return readable(path, folder, () => readFile(path, 'utf8'));
}

async function readable<Read>(path: string, folder: string, read: () => Promise<Read>): Promise<Read> {
  try {
    return await read();
  } catch (cause) {
    throw new BooksError(`${path} cannot be read; is ${folder} a whole export?`, { cause });
  }
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  json: string,
  where: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), json);
  if (!result.success) {
    throw new BooksError(`${where} is not as DynamoDB writes it: ${result.issues[0].message}`);
  }
  return result.output;
}
