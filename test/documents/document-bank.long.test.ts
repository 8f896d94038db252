import { expect, test } from 'vitest';
import { DocumentBank } from '../support/documents.ts';
import { descendants, survivors } from '../support/leftovers.ts';
import { pause } from '../support/started-bank.ts';

test('a bank for documents that does not come up is stopped with all it has started', async () => {
  const bank = new DocumentBank();
  const started = bank.start().catch((error: unknown) => error);
  const running = async () =>
    (await descendants(process.pid)).filter(({ command }) => /start\.ts|supervise/.test(command));
  while ((await running()).length < 2) {
    await pause();
  }
  const before = await running();
  await bank.stop();
  expect(String(await started)).toContain('npm start ended (0)');
  expect(await survivors(before)).toEqual([]);
});
