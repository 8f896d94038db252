import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLab, type Lab } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { Recovery } from '../support/recovery.ts';

let fresh: Lab;
let recovery: Recovery;
let keysNotBeforeMs: number;

beforeEach(async () => {
  fresh = await createLab();
  recovery = new Recovery(fresh.tables);
  keysNotBeforeMs = Math.floor(fresh.now.ms / 1000) * 1000;
});
afterEach(() => recovery[Symbol.dispose]());

const ACCOUNTS = Array.from({ length: 1200 }, (_, index) => ({
  account: `account-${index}`,
  balance: BigInt(index),
}));

/** Writes an export as DynamoDB does: data files, a line of the manifest for each, and a summary. */
async function writeExport(name: string, files: readonly (readonly object[])[]): Promise<string> {
  const folder = join(recovery.folder, name);
  await mkdir(join(folder, 'data'), { recursive: true });
  const manifest: object[] = [];
  for (const [index, items] of files.entries()) {
    const lines = items.map((item) => JSON.stringify({ Item: marshall(item) }));
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

const run = (args: readonly string[]) =>
  recovery.run(fresh.tables, [
    ...['--keys-not-before', new Date(keysNotBeforeMs).toISOString(), '--any-table', '--json'],
    ...args,
  ]);

test('an export of both tables is carried over, balances of fifteen digits exactly', async () => {
  const key = keyAt(keysNotBeforeMs - 1000);
  const rich = { account: 'rich', balance: 999_999_999_999_999n };
  const accounts = await writeExport('accounts', [
    ACCOUNTS.slice(0, 700),
    [],
    [...ACCOUNTS.slice(700), rich],
  ]);
  const live = { account: 'rich', key, call: 'deposit 1', reply: 5n, expiresAt: BigInt(Date.now()) };
  const replies = await writeExport('replies', [
    [
      live,
      { ...live, key: keyAt(keysNotBeforeMs - 2000), expiresAt: 1n },
      { account: '#sweep', key: '0/4', cursor: 'joe' },
    ],
  ]);
  const { exitCode, stdout, stderr } = await run([
    ...['--accounts', `export:${accounts}`, '--idempotency', `export:${replies}`],
  ]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    accounts: 1201,
    balanceMinor: String(999_999_999_999_999n + (1200n * 1199n) / 2n),
    replies: 1,
    complete: true,
  });
  expect(await fresh.item('rich')).toMatchObject(rich);
});

test('a file that is not the one that was exported moves nothing of it', async () => {
  const folder = await writeExport('accounts', [ACCOUNTS.slice(0, 3)]);
  await writeFile(
    join(folder, 'data', '0.json.gz'),
    gzipSync('{"Item":{"account":{"S":"joe"},"balance":{"N":"9"}}}\n'),
  );
  const { exitCode, stderr } = await run(['--accounts', `export:${folder}`]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('0.json.gz is not the file that was exported: its checksum differs');
  expect(await fresh.item('joe')).toBeUndefined();
});

test.each(['manifest-summary.json', 'manifest-files.json', 'data/0.json.gz'])(
  'an export without its %s is no export',
  async (file) => {
    const folder = await writeExport('accounts', [ACCOUNTS.slice(0, 3)]);
    await rm(join(folder, file));
    const { exitCode, stderr } = await run(['--accounts', `export:${folder}`]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/cannot be read; is .* a whole export\?/);
  },
);

test('an export whose counts do not add up is no export', async () => {
  const folder = await writeExport('accounts', [ACCOUNTS.slice(0, 3)]);
  await writeFile(
    join(folder, 'manifest-summary.json'),
    JSON.stringify({ itemCount: 4, outputFormat: 'DYNAMODB_JSON' }),
  );
  const { exitCode, stderr } = await run(['--accounts', `export:${folder}`]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('speaks of 4 items and lists files with 3');
});

test('an export in Amazon Ion is told apart', async () => {
  const folder = await writeExport('accounts', [ACCOUNTS.slice(0, 3)]);
  await writeFile(
    join(folder, 'manifest-summary.json'),
    JSON.stringify({ itemCount: 3, outputFormat: 'ION' }),
  );
  const { exitCode, stderr } = await run(['--accounts', `export:${folder}`]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('manifest-summary.json is not as DynamoDB writes it');
});
