import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import type { Attributes } from '../../../functions/dynamodb/attributes.ts';
import { type Book, type Books, BooksError } from './books.ts';
import { startOf } from './check.ts';

/** Items that a part should have: it is read as a whole. */
const PART_ITEMS = 20_000;

/** Lines that are sorted before they are written. */
const SORTED_LINES = 20_000;

const summarySchema = v.object({ itemCount: v.number(), outputFormat: v.literal('DYNAMODB_JSON') });
const fileSchema = v.object({ itemCount: v.number(), md5Checksum: v.string(), dataFileS3Key: v.string() });
const lineSchema = v.object({ Item: v.object({ account: v.object({ S: v.string() }) }) });

type DataFile = v.InferOutput<typeof fileSchema>;

/** The exports of the two tables. */
export interface ExportFolders {
  readonly accounts: string;
  readonly pages: string;
}

/**
 * Reads books from two full exports to S3 in DynamoDB JSON, copied to this machine (`aws s3 sync
 * s3://BUCKET/PREFIX/AWSDynamoDB/EXPORT-ID FOLDER`). Their manifests say which files belong to them, and what is in them.
 *
 * An export is in no order, so it is sorted first, on disk: a part has all heads and pages of some accounts.
 *
 * See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
export async function exportBooks(folders: ExportFolders, partItems = PART_ITEMS): Promise<Books> {
  const kinds = ['accounts', 'pages'] as const;
  const files = { accounts: await dataFiles(folders.accounts), pages: await dataFiles(folders.pages) };
  const items = [...files.accounts, ...files.pages].reduce((sum, { itemCount }) => sum + itemCount, 0);
  const parts = Math.ceil(items / partItems);
  const sorted = await mkdtemp(join(tmpdir(), `twinbank-export-${process.pid}-`));
  const remove = () => rm(sorted, { recursive: true, force: true });
  try {
    for (const kind of kinds) {
      for (const file of files[kind]) await sort(folders[kind], file, { sorted, kind, parts });
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    name: `${folders.accounts} and ${folders.pages}`,
    parts: () => Promise.resolve(Array.from({ length: parts }, (_, part) => `${part}/${parts}`)),
    read: async (part) => {
      const [number] = part.split('/');
      const [heads = [], pages = []] = await Promise.all(
        kinds.map((kind) => readPart(join(sorted, `${kind}-${number}`))),
      );
      return { books: booksOf(heads, pages), next: undefined };
    },
    [Symbol.asyncDispose]: remove,
  };
}

function booksOf(heads: readonly Attributes[], pages: readonly Attributes[]): readonly Book[] {
  const found = new Map<string, { head?: Attributes; pages: Attributes[] }>();
  const of = ({ account }: Attributes) => {
    const name = account?.S ?? '';
    const book = found.get(name) ?? { pages: [] };
    found.set(name, book);
    return book;
  };
  for (const head of heads) of(head).head = head;
  for (const page of pages) of(page).pages.push(page);
  return [...found].map(([account, book]) => {
    book.pages.sort((one, other) => startOf(one) - startOf(other));
    return {
      account,
      head: book.head,
      readHead: () => Promise.resolve(book.head),
      async *pages(start) {
        yield* book.pages.filter((page) => startOf(page) >= start);
      },
    };
  });
}

/** The files of an export. One that lacks a file, or whose counts do not add up, is no export. */
async function dataFiles(folder: string): Promise<readonly DataFile[]> {
  const summary = parse(summarySchema, await text(folder, 'manifest-summary.json'), 'manifest-summary.json');
  const lines = (await text(folder, 'manifest-files.json')).split('\n').filter((line) => line !== '');
  const files = lines.map((line) => parse(fileSchema, line, 'manifest-files.json'));
  const items = files.reduce((sum, { itemCount }) => sum + itemCount, 0);
  if (items !== summary.itemCount) {
    throw new BooksError(
      `${folder}: the manifest speaks of ${summary.itemCount} items and lists files with ${items}`,
    );
  }
  return files.filter(({ itemCount }) => itemCount > 0);
}

interface Sorting {
  readonly sorted: string;
  readonly kind: string;
  readonly parts: number;
}

/** Appends the lines of a data file to the parts that their accounts belong to, once it is known for the file that was exported. */
async function sort(folder: string, file: DataFile, { sorted, kind, parts }: Sorting): Promise<void> {
  const name = basename(file.dataFileS3Key);
  const path = join(folder, 'data', name);
  const checksum = createHash('md5');
  await readable(path, folder, () => pipeline(createReadStream(path), checksum));
  if (checksum.digest('base64') !== file.md5Checksum) {
    throw new BooksError(`${folder}: ${name} is not the file that was exported: its checksum differs`);
  }
  let items = 0;
  const ofParts = new Map<number, string>();
  const write = async () => {
    for (const [part, lines] of ofParts) await appendFile(join(sorted, `${kind}-${part}`), lines);
    ofParts.clear();
  };
  for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()) })) {
    if (line === '') continue;
    items += 1;
    const { account } = parse(lineSchema, line, name).Item;
    const part = partOf(account.S, parts);
    ofParts.set(part, `${ofParts.get(part) ?? ''}${line}\n`);
    if (items % SORTED_LINES === 0) await write();
  }
  await write();
  if (items !== file.itemCount) {
    throw new BooksError(`${folder}: ${name} has ${items} items instead of ${file.itemCount}`);
  }
}

function partOf(account: string, parts: number): number {
  return createHash('md5').update(account).digest().readUInt32BE() % parts;
}

/** The items of one table in a part; none where nothing was written for it. */
async function readPart(file: string): Promise<readonly Attributes[]> {
  const written = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = written.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line, binary).Item as Attributes);
}

/** JSON has bytes as base64. */
function binary(name: string, value: unknown): unknown {
  if (name === 'B' && typeof value === 'string') return new Uint8Array(Buffer.from(value, 'base64'));
  if (name === 'BS' && Array.isArray(value)) return value.map((each) => binary('B', each));
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
