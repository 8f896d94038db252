import { describe, expect, it } from 'vitest';
import type { Entry } from '../../infra/drill/books.ts';
import { newKey } from '../support/keys.ts';
import { isPromiseKept } from './items.ts';
import { KeyWatch } from './keys.ts';

const [told, untold] = [newKey(), newKey()];

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
  const { broken, ...check } = keys.check([entry(told)], [{ account: 'joe', [`reply:${told}`]: 10n }], []);
  expect(isPromiseKept({ ...check, broken })).toBe(key === told);
  return broken;
}

describe('the watch of the keys', () => {
  it('finds nothing where every key was told', () => {
    expect(
      seen((keys) => {
        keys.pass({ path: `/accounts/joe/cancellations/${told}`, headers: {} });
        keys.check([], [], [{ account: '#sweep', key: '0' }]);
      }, told),
    ).toEqual([]);
  });

  it.each<[string, (watch: KeyWatch) => unknown]>([
    [
      'was sent to /accounts/joe/deposits',
      (keys) => keys.pass({ path: '/accounts/joe/deposits', headers: { 'idempotency-key': untold } }),
    ],
    [
      'was sent to /accounts/joe/withdrawals',
      (keys) =>
        keys.pass({
          path: '/accounts/joe/withdrawals',
          headers: { 'idempotency-key': told, 'idempotency-acknowledge': `${told}, ${untold}` },
        }),
    ],
    [
      `was sent to /accounts/joe/cancellations/${untold}`,
      (keys) => keys.pass({ path: `/accounts/joe/cancellations/${untold}`, headers: {} }),
    ],
    ['was judged on joe', (keys) => keys.check([entry(untold)], [], [])],
    [
      'is recorded on joe',
      (keys) => keys.check([], [{ account: 'joe', [`call:${untold}`]: 'deposit 10' }], []),
    ],
    ['is archived for joe', (keys) => keys.check([], [], [{ account: 'joe', key: untold }])],
  ])('finds a key that %s and that no client told', (where, watch) => {
    expect(seen((keys) => void watch(keys))).toEqual([`${untold} ${where}, and no client told it`]);
  });
});
