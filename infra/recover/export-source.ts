import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { Item } from './item.ts';
import { type Page, type Source, SourceError } from './source.ts';

/** Items of one page; a data file has many thousands. */
const PAGE_ITEMS = 500;

const summarySchema = v.object({ itemCount: v.number(), outputFormat: v.literal('DYNAMODB_JSON') });
const fileSchema = v.object({ itemCount: v.number(), md5Checksum: v.string(), dataFileS3Key: v.string() });

type DataFile = v.InferOutput<typeof fileSchema>;

/**
 * A full export to S3 in DynamoDB JSON, copied to this machine (`aws s3 sync s3://BUCKET/PREFIX/AWSDynamoDB/EXPORT-ID
 * FOLDER`). Its manifest says which files belong to it, and what is in them.
 *
 * See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
export function exportSource(folder: string): Source {
  const open = new Map<string, readonly Item[]>();
  return {
    name: `export:${folder}`,
    parts: async () => (await dataFiles(folder)).map(({ dataFileS3Key }) => basename(dataFileS3Key)),
    read: async (part, from): Promise<Page> => {
      // A file is unpacked once for all of its pages, and let go of with the last one.
      const items = open.get(part) ?? (await readItems(folder, part));
      const start = Number(from ?? 0);
      const end = start + PAGE_ITEMS;
      if (end < items.length) {
        open.set(part, items);
        return { items: items.slice(start, end), next: String(end) };
      }
      open.delete(part);
      return { items: items.slice(start), next: undefined };
    },
  };
}

/** The files of the export. An export that lacks one of them, or whose counts do not add up, is no export. */
async function dataFiles(folder: string): Promise<readonly DataFile[]> {
  const summary = parse(summarySchema, await text(folder, 'manifest-summary.json'), 'manifest-summary.json');
  const lines = (await text(folder, 'manifest-files.json')).split('\n').filter((line) => line !== '');
  const files = lines.map((line) => parse(fileSchema, line, 'manifest-files.json'));
  const items = files.reduce((sum, { itemCount }) => sum + itemCount, 0);
  if (items !== summary.itemCount) {
    throw new SourceError(
      `${folder}: the manifest speaks of ${summary.itemCount} items and lists files with ${items}`,
    );
  }
  return files.filter(({ itemCount }) => itemCount > 0);
}

async function readItems(folder: string, part: string): Promise<readonly Item[]> {
  const file = (await dataFiles(folder)).find(({ dataFileS3Key }) => basename(dataFileS3Key) === part);
  if (file === undefined) {
    throw new SourceError(`${folder}: the manifest lists no file ${part}`);
  }
  const compressed = await bytes(folder, join('data', part));
  if (createHash('md5').update(compressed).digest('base64') !== file.md5Checksum) {
    throw new SourceError(`${folder}: ${part} is not the file that was exported: its checksum differs`);
  }
  const lines = (await promisify(gunzip)(compressed)).toString('utf8').split('\n');
  const items = lines.filter((line) => line !== '').map((line) => readItem(line, part));
  if (items.length !== file.itemCount) {
    throw new SourceError(`${folder}: ${part} has ${items.length} items instead of ${file.itemCount}`);
  }
  return items;
}

function readItem(line: string, part: string): Item {
  const { Item: item } = parse(v.object({ Item: v.record(v.string(), v.any()) }), line, part);
  return unmarshall(item, { wrapNumbers: BigInt });
}

async function text(folder: string, name: string): Promise<string> {
  return (await bytes(folder, name)).toString('utf8');
}

async function bytes(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new SourceError(`${join(folder, name)} cannot be read; is ${folder} a whole export?`, { cause });
  }
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  json: string,
  where: string,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new SourceError(`${where} is not JSON`, { cause });
  }
  const result = v.safeParse(schema, value);
  if (!result.success) {
    throw new SourceError(`${where} is not as DynamoDB writes it: ${result.issues[0].message}`);
  }
  return result.output;
}
