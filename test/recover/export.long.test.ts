import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import { type BookItems, openBank, type UsedBank, use } from '../audit/used-bank.ts';
import { keyAt } from '../support/keys.ts';
import { Recovery } from '../support/recovery.ts';
import { writeExport } from './exports.ts';

let fresh: UsedBank;
let recovery: Recovery;
let keysNotBeforeMs: number;

beforeEach(async () => {
  fresh = await openBank();
  recovery = new Recovery(fresh.tables);
  keysNotBeforeMs = Math.floor(fresh.now.ms / 1000) * 1000;
});
afterEach(() => recovery[Symbol.dispose]());

/** Heads with one deposit. */
const headsOf = (balances: readonly number[]): readonly Attributes[] =>
  balances.map((balance, index) => ({
    account: { S: `account-${index}` },
    balance: { N: String(balance) },
    sequence: { N: '1' },
    entries: { L: [{ S: `${balance} m3x8k2ab d` }] },
    keys: { L: [{ B: new Uint8Array(bytesOf(keyAt(keysNotBeforeMs - 1000))) }] },
  }));

const HEADS = [1, 2, 3];

const exported = (name: string, files: readonly (readonly Attributes[])[]) =>
  writeExport(join(recovery.folder, name), files);

/** Recovers from the exports of two tables; where no other is given, there are no pages. */
const start = async (accounts: string, pages?: string) =>
  recovery.start(fresh.tables, [
    ...['--keys-not-before', new Date(keysNotBeforeMs).toISOString(), '--any-table', '--json'],
    ...['--accounts', `export:${accounts}`, '--pages', `export:${pages ?? (await exported('none', []))}`],
  ]);

const run = async (accounts: string, pages?: string) => (await start(accounts, pages)).ended;

/** A book that was made by a bank. */
async function usedBook(): Promise<BookItems> {
  const bank = await openBank();
  await use(bank.bank(), 'ann', 49, keysNotBeforeMs);
  return bank.items('ann');
}

test('exports of both tables are carried over, in any order, balances of fifteen digits exactly', async () => {
  const { head, pages } = await usedBook();
  const heads = headsOf([...Array(1200).keys()].map((index) => index + 1));
  const rich = { ...headsOf([999_999_999_999_999])[0], account: { S: 'rich' } } as Attributes;
  const { child, ended } = await start(
    await exported('accounts', [heads.slice(0, 700), [], [...heads.slice(700), head ?? {}, rich]]),
    await exported('pages', [[pages[2] ?? {}], [pages[0] ?? {}, pages[1] ?? {}]]),
  );
  const { code, stdout, stderr } = await ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    accounts: 1202,
    entries: 1201 + 49,
    pages: 3,
    balanceMinor: String(999_999_999_999_999n + (1200n * 1201n) / 2n + 19074n),
    complete: true,
  });
  expect(await fresh.items('ann')).toEqual({ head, pages });
  expect((await fresh.items('rich')).head).toEqual(rich);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`twinbank-export-${child.pid}-`))).toEqual(
    [],
  );
});

test('pages that are missing in their export are named, and pages that are later are left out', async () => {
  const { head, pages } = await usedBook();
  const accounts = await exported('accounts', [[head ?? {}]]);
  const without = await run(accounts, await exported('pages', [pages.slice(0, 2)]));
  expect(without.code).toBe(1);
  expect(JSON.parse(without.stdout)).toMatchObject({
    faults: [`"ann": entries ${2 * KEPT_ENTRIES + 1} to ${3 * KEPT_ENTRIES} are on no page`],
    pagesEarlier: 1,
  });
  const later = { ...pages[2], first: { N: String(3 * KEPT_ENTRIES + 1) } } as Attributes;
  const withLater = await run(accounts, await exported('pages', [[later, ...pages]]));
  expect(withLater.code).toBe(0);
  expect(JSON.parse(withLater.stdout)).toMatchObject({ pages: 3, leftOut: 1, pagesLater: 1 });
  expect((await fresh.items('ann')).pages).toEqual(pages);
});

test('exports of other tables, or with two heads of one account, are refused', async () => {
  const { head = {}, pages } = await usedBook();
  const accounts = await exported('accounts', [[head]]);
  const ofPages = await exported('pages', [pages]);
  for (const [heads, items, message] of [
    [ofPages, accounts, '0.json.gz has items of another table than accounts'],
    [accounts, accounts, '0.json.gz has items of another table than pages'],
    [await exported('twice', [[head], [head]]), ofPages, 'ann has two heads: these files are not of one'],
    [await exported('none', []), await exported('none', []), 'there is no account in '],
  ] as const) {
    const { code, stdout, stderr } = await run(heads, items);
    await rm(join(recovery.folder, 'progress.json'), { force: true });
    expect(stdout + stderr).toContain(message);
    expect(code).toBe(1);
  }
  expect((await fresh.items('ann')).head).toBeUndefined();
});

const summaryOf = (itemCount: number, outputFormat: string) => (folder: string) =>
  writeFile(join(folder, 'manifest-summary.json'), JSON.stringify({ itemCount, outputFormat }));
const without = (file: string) => (folder: string) => rm(join(folder, file));
const otherFile = (folder: string) =>
  writeFile(
    join(folder, 'data', '0.json.gz'),
    gzipSync('{"Item":{"account":{"S":"joe"},"balance":{"N":"9"}}}\n'),
  );
/** Replaces the data file, and its checksum in the manifest. */
const otherBytes = (bytes: string) => async (folder: string) => {
  await writeFile(join(folder, 'data', '0.json.gz'), bytes);
  const manifest = join(folder, 'manifest-files.json');
  const file = JSON.parse(await readFile(manifest, 'utf8'));
  const md5Checksum = createHash('md5').update(bytes).digest('base64');
  await writeFile(manifest, JSON.stringify({ ...file, md5Checksum }));
};

test.each<[string, (folder: string) => Promise<void>, RegExp]>([
  ['has another data file', otherFile, /0\.json\.gz is not the file that was exported: its checksum differs/],
  ['is not packed', otherBytes('{"Item":{}}\n'), /data\/0\.json\.gz cannot be unpacked: incorrect header/],
  ['lacks its summary', without('manifest-summary.json'), /cannot be read; is .* a whole export\?/],
  ['lacks its list of files', without('manifest-files.json'), /cannot be read; is .* a whole export\?/],
  ['lacks a data file', without('data/0.json.gz'), /cannot be read; is .* a whole export\?/],
  ['has other counts', summaryOf(4, 'DYNAMODB_JSON'), /counts 4 items, but lists files with 3/],
  ['is in Amazon Ion', summaryOf(3, 'ION'), /manifest-summary\.json is not as DynamoDB writes it/],
])('an export that %s is refused, and nothing of it is written', async (_, damage, message) => {
  const folder = await exported('accounts', [headsOf(HEADS)]);
  await damage(folder);
  const { code, stderr } = await run(folder);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  for (const account of ['joe', 'account-0']) {
    expect((await fresh.items(account)).head).toBeUndefined();
  }
});
