import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { DocumentBank } from '../support/documents.ts';
import { consoleSteps, fencedBlocks } from '../support/markdown.ts';

const README = await readFile(join(PROJECT_FOLDER, 'README.md'), 'utf8');
const DOCUMENTS = [
  'README.md',
  'TUTORIAL.md',
  'ARCHITECTURE.md',
  'DECISIONS.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'client/ERRORS.md',
  'client/HTTP.md',
  'client/README.md',
  'client/TESTING.md',
  'client/command/README.md',
  'client/examples/README.md',
  'functions/BOOK.md',
  'functions/BUNDLE.md',
  'infra/OPERATING.md',
  'test/bench/README.md',
  'test/proof/README.md',
  'test/proof/history/FORMAT.md',
];

const bank = new DocumentBank();
beforeAll(() => bank.start());
afterAll(() => bank.stop());

describe('the README', () => {
  const blocks = fencedBlocks(README);
  const steps = blocks
    .filter(({ language }) => language === 'console')
    .flatMap(({ text }) => consoleSteps(text));

  test('shows a session that goes as it says, command by command', async () => {
    expect(steps.length).toBe(4);
    await bank.play(steps);
  });

  test('shows a program that compiles, and moves money as it says', async () => {
    const [program = ''] = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);
    await bank.typed({ prompt: '>', command: 'start us-east-1', output: ['us-east-1  up'] });
    expect(await bank.program(program)).toBe('paid, 70 left\n');
  });
});

/** The address of a section, as GitHub makes it from a heading. */
function fragmentOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = existsSync(join(PROJECT_FOLDER, document)) ? '' : 'missing';

  test('names only npm scripts that exist', async () => {
    expect(text).toBe('');
    const { scripts } = JSON.parse(await readFile(join(PROJECT_FOLDER, 'package.json'), 'utf8'));
    const named = [
      ...(await readFile(join(PROJECT_FOLDER, document), 'utf8')).matchAll(
        /npm (?:run ([\w:]+)|(start|test)\b)/g,
      ),
    ];
    for (const [, script, shorthand] of named) {
      expect(Object.keys(scripts)).toContain(script ?? shorthand);
    }
  });

  test('points only at files and folders that exist', async () => {
    const content = await readFile(join(PROJECT_FOLDER, document), 'utf8');
    const links = [...content.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) =>
      join(PROJECT_FOLDER, document, '..', path ?? ''),
    );
    const folders = [...content.matchAll(/`((?:infra|functions|client|test)\/[\w/.-]*)`/g)].map(([, path]) =>
      join(PROJECT_FOLDER, path ?? ''),
    );
    expect([...links, ...folders].filter((path) => !existsSync(path))).toEqual([]);
  });

  test('points only at sections that are there', async () => {
    const content = await readFile(join(PROJECT_FOLDER, document), 'utf8');
    const missing = [];
    for (const [, path = '', fragment] of content.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)) {
      const target = path === '' ? document : join(document, '..', path);
      const page = await readFile(join(PROJECT_FOLDER, target), 'utf8');
      const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => fragmentOf(heading));
      if (!headings.includes(String(fragment))) {
        missing.push(`${target}#${fragment}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
