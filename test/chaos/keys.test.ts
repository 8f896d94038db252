import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../functions/dynamodb/items.ts';
import type { Entry } from '../../infra/drill/books.ts';
import { newKey } from '../support/keys.ts';
import { isPromiseKept } from './items.ts';
import { KeyWatch, type Tables } from './keys.ts';

const [told, untold] = [newKey(), newKey()];
const NOTHING: Tables = { accounts: [], pages: [], cached: [] };

function entry(key: string): Entry {
  return {
    request: { kind: 'deposit', account: 'joe', amountMinor: 10n, key },
    phase: 'fault',
    outcome: { kind: 'unknown' },
    settled: undefined,
    region: undefined,
    failedOver: false,
    durationMs: 1,
  };
}

/** What a watch finds that was told of one key. */
function seen(watch: (watch: KeyWatch) => void, key = untold): readonly string[] {
  const keys = new KeyWatch();
  keys.tell(told);
  keys.pass({ path: '/accounts/joe/deposits', headers: { 'idempotency-key': told } });
  watch(keys);
  const { broken, ...check } = keys.check([entry(told)], {
    ...NOTHING,
    accounts: [{ account: 'joe', keys: [bytesOf(told)] }],
  });
  expect(isPromiseKept({ ...check, broken })).toBe(key === told);
  return broken;
}

describe('the watch of the keys', () => {
  it('finds nothing where every key was told', () => {
    expect(
      seen((keys) => {
        keys.pass({ path: `/accounts/joe/cancellations/${told}`, headers: {} });
        keys.check([], { ...NOTHING, cached: [{ account: 'joe', key: told }] });
      }, told),
    ).toEqual([]);
  });

  it.each<[string, (watch: KeyWatch) => unknown]>([
    [
      'was sent to /accounts/joe/deposits',
      (keys) => keys.pass({ path: '/accounts/joe/deposits', headers: { 'idempotency-key': untold } }),
    ],
    [
      `was sent to /accounts/joe/cancellations/${untold}`,
      (keys) => keys.pass({ path: `/accounts/joe/cancellations/${untold}`, headers: {} }),
    ],
    ['was judged on joe', (keys) => keys.check([entry(untold)], NOTHING)],
    [
      'is in the book of joe',
      (keys) => keys.check([], { ...NOTHING, pages: [{ account: 'joe', keys: [bytesOf(untold)] }] }),
    ],
    [
      'is cached for joe',
      (keys) => keys.check([], { ...NOTHING, cached: [{ account: 'joe', key: untold }] }),
    ],
  ])('finds a key that %s and that no client told', (where, watch) => {
    expect(seen((keys) => void watch(keys))).toEqual([`${untold} ${where}, and no client told it`]);
  });
});
