import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEM_PAGE, PROBLEMS } from '../../client/contract/schemas.ts';
import { InvalidArgumentError, OutcomeUnknownError, UnavailableError } from '../../client/errors.ts';
import type { RefusalCode } from '../../client/failure.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { DocumentBank } from '../support/documents.ts';
import { consoleSteps, fencedBlocks } from '../support/markdown.ts';

const [, PAGE = ''] = PROBLEM_PAGE.split('/blob/main/');
const page = await readFile(join(PROJECT_FOLDER, PAGE), 'utf8');

/** Sections by their headings, in order. */
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((text) => {
    const [code = '', ...lines] = text.split('\n');
    return { code, text: lines.join('\n').trim() };
  });

const OF_THE_GATEWAY: RefusalCode = 'not_authorized';
const OF_THE_CLIENT = [
  new UnavailableError(undefined, []),
  new OutcomeUnknownError('', []),
  new InvalidArgumentError(),
].map(({ code }) => code);

/** What a section shows: a session, or the test that shows it where a session cannot. */
function shownBy(text: string) {
  const [block, ...more] = fencedBlocks(text);
  if (block === undefined || more.length > 0) {
    throw new Error('a section has one block');
  }
  return block;
}

const sessions = sections.filter(({ text }) => shownBy(text).language === 'console');
const tests = sections.filter(({ text }) => shownBy(text).language === 'sh');

describe('the page of errors', () => {
  test('has a section for every code, in the order of the contract, and no other', () => {
    const codes = new Set<string>([...Object.keys(PROBLEMS), ...OF_THE_CLIENT, OF_THE_GATEWAY]);
    expect(sections.map(({ code }) => code)).toEqual([...codes]);
  });

  test.each(sections)(
    'has for $code the status, what it means for the money, and what to do',
    ({ code, text }) => {
      const status = Object.entries(PROBLEMS).find(([each]) => each === code)?.[1].status;
      if (status !== undefined) {
        expect(text).toMatch(new RegExp(`^${status}\\b`));
      }
      expect([...text.matchAll(/^- \*\*(.+):\*\*/gm)].map(([, label]) => label)).toEqual([
        'The money',
        'Recorded',
        'What to do',
      ]);
    },
  );

  test('shows a session with most codes, and a test with the others', () => {
    expect(sessions.length + tests.length).toBe(sections.length);
    expect(sessions.length).toBeGreaterThan(10);
  });

  test.each(tests)('shows $code with a test that exists', async ({ text }) => {
    const [, file = '', name = ''] = /^npm run vitest -- (\S+) -t "(.+)"$/m.exec(shownBy(text).text) ?? [];
    expect(await readFile(join(PROJECT_FOLDER, file), 'utf8')).toMatch(
      new RegExp(`\\b(it|test)(\\.each\\(.*\\))?\\('[^']*${name}`),
    );
  });
});

describe('a bank of this machine', () => {
  const bank = new DocumentBank();
  beforeAll(() => bank.start());
  afterAll(() => bank.stop());

  test.each(sessions)('shows $code as the page says', async ({ code, text }) => {
    const steps = consoleSteps(shownBy(text).text);
    await bank.play(steps);
    const shown = steps.flatMap(({ output }) => output).join(' ');
    expect(shown.replaceAll(' ', '_')).toContain(code);
  });
});
