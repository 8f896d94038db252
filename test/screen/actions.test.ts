import { expect, onTestFinished, test } from 'vitest';
import { createActions, timeoutsOf } from '../../infra/local/screen/page/actions.ts';
import { createReader } from '../../infra/local/screen/page/live.ts';
import type { PageEvent } from '../../infra/local/screen/page/state.ts';
import { MemoryBank } from '../support/memory-bank.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';

/** A bank of one Region, and the events of a page that calls it. */
async function open() {
  const endpoint = await ScriptedEndpoint.start({ region: 'us-east-1', bank: new MemoryBank() });
  onTestFinished(() => endpoint.stop());
  const events: PageEvent[] = [];
  return { endpoint, events, onEvent: (event: PageEvent) => void events.push(event) };
}

test('a double click makes one call, and the next click another one', async () => {
  const { endpoint, events, onEvent } = await open();
  const actions = createActions([endpoint], onEvent);
  const deposit = () => actions.move({ what: 'deposit', account: 'joe', amount: 10n });
  await Promise.all([deposit(), deposit()]);
  expect(events.filter(({ type }) => type === 'call').length).toBe(1);
  expect(endpoint.requests.length).toBe(1);

  await deposit();
  expect(endpoint.requests.length).toBe(2);
});

test.each([
  ['joe', { kind: 'none', account: 'joe' }],
  ['joe!', { kind: 'refused', account: 'joe!', message: expect.stringContaining('letters, digits') }],
])('a reading of %s, which is no account, says why there is none', async (account, book) => {
  const { endpoint, events, onEvent } = await open();
  createReader([endpoint], onEvent)(account, false);
  await expect.poll(() => events).toEqual([{ type: 'book', book }]);
});

test('the address of the page may give each call and each attempt more time', () => {
  expect(timeoutsOf('?timeoutMs=10000')).toEqual({ callTimeoutMs: 10_000, attemptTimeoutMs: 10_000 });
  for (const value of ['', '0', '-5', '1e9', '99999999']) {
    expect(timeoutsOf(`?timeoutMs=${value}`), value).toEqual({ callTimeoutMs: 5_000 });
  }
  expect(timeoutsOf('')).toEqual({ callTimeoutMs: 5_000 });
});
