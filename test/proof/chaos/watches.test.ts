import { describe, expect, test } from 'vitest';
import { isKept } from '../../../client/load/check.ts';
import { bytesOf } from '../../../functions/dynamodb/uuid.ts';
import { deposit, recordsOf, UNKNOWN } from '../../load/records.ts';
import { newKey } from '../../support/keys.ts';
import { ItemWatch, KeyWatch, MAX_ITEM_BYTES, type Tables } from './watches.ts';

const OLD = Uint8Array.of(1, 200);
const NEW = Uint8Array.of(2, 100);

function brokenIn(looks: readonly (readonly Record<string, unknown>[])[]) {
  const watch = new ItemWatch();
  for (const look of looks.slice(0, -1)) {
    watch.look(look);
  }
  return watch
    .checks(looks.at(-1) ?? [])
    .filter((check) => !isKept(check))
    .map(({ name, broken }) => `${name} ${broken.join()}`);
}

describe('the watch of the heads', () => {
  test('finds nothing where watermarks rise', () => {
    const looks = [
      [{ account: 'joe', balance: 1n }],
      [{ account: 'joe', turned: 10n, watermark: OLD }],
      [{ account: 'joe', turned: 20n, watermark: NEW }],
    ];
    expect(brokenIn(looks)).toEqual([]);
  });

  test.each([
    ['fell', { turned: 10n, watermark: OLD }, 'from 10 and 0264 to 10 and 01c8'],
    ['went', { turned: 10n }, 'from 10 and 0264 to 10 and '],
    ['stayed while entries came back', { turned: 9n, watermark: NEW }, 'from 10 and 0264 to 9 and 0264'],
  ])('finds a watermark that %s', (_, after, says) => {
    const before = { account: 'joe', turned: 10n, watermark: NEW };
    expect(brokenIn([[before], [{ account: 'joe', ...after }]])).toEqual([`I6 joe: ${says}`]);
  });

  test('finds a head that is too large', () => {
    const item = { account: 'joe', entries: ['9'.repeat(MAX_ITEM_BYTES)] };
    expect(brokenIn([[item]])).toEqual([expect.stringMatching(/^I7 joe: \d+ bytes$/)]);
  });
});

const [known, other] = [newKey(), newKey()];
/** The bank made it. */
const made = other.replace(/^(.{14})7/, '$18');
const NOTHING: Tables = { accounts: [], pages: [], cached: [] };

const recordOf = (key: string) => recordsOf([deposit(10, key), UNKNOWN]);

/** What a watch finds that knows one key. */
function seen(watch: (watch: KeyWatch) => void, key = other): readonly string[] {
  const keys = new KeyWatch();
  keys.add(known);
  keys.pass({ path: '/accounts/joe/deposits', headers: { 'idempotency-key': known } });
  watch(keys);
  const { broken, ...check } = keys.check(recordOf(known), {
    ...NOTHING,
    accounts: [{ account: 'joe', keys: [bytesOf(known)] }],
  });
  expect(isKept({ ...check, broken })).toBe(key === known);
  return broken;
}

describe('the watch of the keys', () => {
  test('finds nothing where every key was reported', () => {
    expect(
      seen((keys) => {
        keys.pass({ path: `/accounts/joe/cancellations/${known}`, headers: {} });
        keys.pass({ path: `/accounts/joe/holds/${known}/captures`, headers: {} });
        const cached = [known, `${known}/end`, made].map((key) => ({ account: 'joe', key }));
        const pages = [{ account: 'joe', keys: [bytesOf(made)] }];
        keys.check([], { ...NOTHING, cached, pages });
      }, known),
    ).toEqual([]);
  });

  test.each<[string, (watch: KeyWatch) => unknown]>([
    [
      'was sent to /accounts/joe/deposits',
      (keys) => keys.pass({ path: '/accounts/joe/deposits', headers: { 'idempotency-key': other } }),
    ],
    [
      `was sent to /accounts/joe/cancellations/${other}`,
      (keys) => keys.pass({ path: `/accounts/joe/cancellations/${other}`, headers: {} }),
    ],
    [
      `was sent to /accounts/joe/holds/${other}/voids`,
      (keys) => keys.pass({ path: `/accounts/joe/holds/${other}/voids`, headers: {} }),
    ],
    ['was checked on joe', (keys) => keys.check(recordOf(other), NOTHING)],
    [
      'is in the book of joe',
      (keys) => keys.check([], { ...NOTHING, pages: [{ account: 'joe', keys: [bytesOf(other)] }] }),
    ],
    ['is cached for joe', (keys) => keys.check([], { ...NOTHING, cached: [{ account: 'joe', key: other }] })],
  ])('finds a key that %s and that no client reported', (where, watch) => {
    expect(seen((keys) => void watch(keys))).toEqual([`${other} ${where}, and no client reported it`]);
  });
});
