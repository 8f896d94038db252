import { expect, test } from 'vitest';
import { timeoutsOf } from '../../infra/local/screen/page/timeouts.ts';

test('the address of the page may give each call and each attempt more time', () => {
  expect(timeoutsOf('?timeoutMs=10000')).toEqual({ callTimeoutMs: 10_000, attemptTimeoutMs: 10_000 });
  for (const query of [
    '',
    '?timeoutMs=',
    '?timeoutMs=0',
    '?timeoutMs=-5',
    '?timeoutMs=1e9',
    '?timeoutMs=99999999',
  ]) {
    expect(timeoutsOf(query), query).toEqual({ callTimeoutMs: 5_000 });
  }
});
