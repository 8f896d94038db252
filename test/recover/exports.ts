import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';

/** Writes an export as DynamoDB does: data files, a line of the manifest for each, and a summary. */
export async function writeExport(
  folder: string,
  files: readonly (readonly Attributes[])[],
): Promise<string> {
  await mkdir(join(folder, 'data'), { recursive: true });
  const manifest: object[] = [];
  for (const [index, items] of files.entries()) {
    const lines = items.map((item) => JSON.stringify({ Item: item }, base64));
    const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''));
    await writeFile(join(folder, 'data', `${index}.json.gz`), bytes);
    manifest.push({
      itemCount: items.length,
      md5Checksum: createHash('md5').update(bytes).digest('base64'),
      etag: 'e',
      dataFileS3Key: `AWSDynamoDB/01700000000000-a1b2c3d4/data/${index}.json.gz`,
    });
  }
  const itemCount = files.reduce((sum, { length }) => sum + length, 0);
  await writeFile(
    join(folder, 'manifest-files.json'),
    manifest.map((each) => `${JSON.stringify(each)}\n`).join(''),
  );
  await writeFile(
    join(folder, 'manifest-summary.json'),
    JSON.stringify({ version: '2020-06-30', itemCount, outputFormat: 'DYNAMODB_JSON' }),
  );
  return folder;
}

function base64(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
