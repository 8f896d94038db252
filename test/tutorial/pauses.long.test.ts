import { describe, expect, inject, test } from 'vitest';
import { descendants, survivors } from '../support/leftovers.ts';
import { HAS_TERMINAL, Terminal } from '../support/terminal.ts';

const environment = { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') };
const PAUSE = 'Enter shows the next part.';
const GREEN = '\x1b[32m';

describe.runIf(HAS_TERMINAL)('on a terminal', () => {
  test.each([
    ['without', 'test/tutorial/main.ts', 'Without recorded replies:', 'Without recorded refusals:'],
    ['demo', 'infra/local/demo.ts', 'Both Regions are up: move some money.', 'Kill us-east-1:'],
  ])(
    'npm run %s waits for Enter after each part, and ends at Ctrl-C with all it has started',
    async (...row) => {
      const [, file, first, second] = row;
      const terminal = new Terminal(file, environment);
      await terminal.until(PAUSE);
      expect(terminal.text).toContain(first);
      expect(terminal.text).toContain(GREEN);
      expect(terminal.text).not.toContain(second);
      const started = await descendants(terminal.pid);
      expect(started.length).toBeGreaterThan(1);

      terminal.press('\r');
      await terminal.until(second);
      await terminal.until(PAUSE);
      terminal.press('\x03');
      expect(await terminal.ended).toBe(1);
      expect(terminal.text).toContain('Interrupted.');
      expect(await survivors(started)).toEqual([]);
    },
  );

  test('npm run without shows the rest at once when the input ends in a pause', async () => {
    const terminal = new Terminal('test/tutorial/main.ts replies refusals deleted-tags', environment);
    await terminal.until(PAUSE);
    terminal.press('\x04');
    expect(await terminal.ended).toBe(0);
    expect(terminal.text).toContain('With tags that are deleted:');
    expect(terminal.text).not.toContain(PAUSE);
  });
});
