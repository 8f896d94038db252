import { expect, onTestFinished, test } from 'vitest';
import { createReader } from '../../infra/local/screen/page/live.ts';
import type { PageEvent } from '../../infra/local/screen/page/state.ts';
import { MemoryBank } from '../support/memory-bank.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';

test.each([
  ['joe', { kind: 'none', account: 'joe' }],
  ['joe!', { kind: 'refused', account: 'joe!', message: expect.stringContaining('letters, digits') }],
])('a reading of %s, which is no account, says why there is none', async (account, book) => {
  const endpoint = await ScriptedEndpoint.start({ region: 'us-east-1', bank: new MemoryBank() });
  onTestFinished(() => endpoint.stop());
  const events: PageEvent[] = [];
  createReader([endpoint], (event) => events.push(event))(account, false);
  await expect.poll(() => events).toEqual([{ type: 'book', book }]);
});
