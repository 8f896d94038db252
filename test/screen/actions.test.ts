import { expect, onTestFinished, test } from 'vitest';
import { createActions } from '../../infra/local/screen/page/actions.ts';
import type { PageEvent } from '../../infra/local/screen/page/state.ts';
import { MemoryBank } from '../support/memory-bank.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';

test('a double click makes one call, and the next click another one', async () => {
  const endpoint = await ScriptedEndpoint.start({ region: 'us-east-1', bank: new MemoryBank() });
  onTestFinished(() => endpoint.stop());
  const events: PageEvent[] = [];
  const actions = createActions([endpoint], (event) => events.push(event));
  const deposit = () => actions.move({ what: 'deposit', account: 'joe', amount: 10n });
  await Promise.all([deposit(), deposit()]);
  expect(events.filter(({ type }) => type === 'call').length).toBe(1);
  expect(endpoint.requests.length).toBe(1);
  await deposit();
  expect(endpoint.requests.length).toBe(2);
});
