import { describe, expect, test } from 'vitest';
import { isKept } from '../../../client/load/check.ts';
import { bytesOf } from '../../../functions/dynamodb/uuid.ts';
import { deposit, recordsOf, UNKNOWN } from '../../load/records.ts';
import { newKey } from '../../support/keys.ts';
import { KeyWatch, type Tables } from './keys.ts';

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
