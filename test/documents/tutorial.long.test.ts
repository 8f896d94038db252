import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { DocumentBank } from '../support/documents.ts';
import { consoleSteps, fencedBlocks } from '../support/markdown.ts';
import { SCENARIOS } from '../tutorial/scenarios.ts';

const TUTORIAL = await readFile(join(PROJECT_FOLDER, 'TUTORIAL.md'), 'utf8');

/** The steps of each chapter, and of each section that has a heading of its own. */
const chapters = TUTORIAL.split(/^#{2,3} /m)
  .slice(1)
  .map((text) => ({
    heading: text.split('\n')[0] ?? '',
    steps: fencedBlocks(text)
      .filter(({ language }) => language === 'console')
      .flatMap((block) => consoleSteps(block.text)),
  }))
  .filter(({ steps }) => steps.length > 0);

const bank = new DocumentBank();
beforeAll(() => bank.start());
afterAll(() => bank.stop());

// One after the other, on one bank: a chapter begins with the balances that the one before has left.
describe('the tutorial, read from its beginning', () => {
  test.each(chapters)('goes as it says: $heading', async ({ steps }) => {
    await bank.play(steps);
  });
});

test('shows each accident that there is', () => {
  const commands = chapters.flatMap(({ steps }) => steps.map(({ command }) => command));
  expect(commands.length).toBeGreaterThan(30);
  expect(commands.filter((command) => command.startsWith('npm run'))).toEqual(
    Object.keys(SCENARIOS).map((name) => `npm run -s without ${name}`),
  );
});
