import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readCommand } from '../../client/command/arguments.ts';
import { COMMAND_NAMES, COMMANDS, synopsisOf } from '../../client/command/command-table.ts';
import { EXIT } from '../../client/command/exit.ts';
import { OPTION_PAGES, optionsOf } from '../../client/command/option-table.ts';
import { KEY_PATTERN } from '../support/bank-command.ts';
import { newKey } from '../support/keys.ts';
import { runHere } from './in-process.ts';

/** What a help page consists of, by headings. */
async function pageOf(args: readonly string[]): Promise<Map<string, string>> {
  const { stdout, stderr, code } = runHere(args);
  expect({ code: await code, stderr }).toEqual({ code: 0, stderr: [] });
  for (const line of stdout) expect(line).toMatch(/^.{0,80}$/);
  return new Map(
    stdout
      .join('\n')
      .split(/\n\n(?=[A-Z ]+\n)/)
      .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]),
  );
}

const optionsIn = (text = '') => [...text.matchAll(/^ {4}(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name);
const examplesIn = (text = '') => [...text.matchAll(/^ {4}bank (.*)$/gm)].map(([, line = '']) => line);

it('bank --help has the sections of a manual page, and names every command, option and exit code', async () => {
  const page = await pageOf(['--help']);
  expect([...page.keys()]).toEqual([
    'NAME',
    'SYNOPSIS',
    'COMMANDS',
    'OPTIONS',
    'JSON',
    'EXIT STATUS',
    'ENVIRONMENT',
    'EXAMPLES',
  ]);
  for (const name of COMMAND_NAMES) expect(page.get('COMMANDS')).toContain(`    ${synopsisOf(name)}`);
  expect(optionsIn(page.get('OPTIONS'))).toEqual(OPTION_PAGES.map(([name]) => name));
  for (const code of Object.values(EXIT))
    expect(page.get('EXIT STATUS')).toMatch(new RegExp(`^ {4}${code}  \\w`, 'm'));
});

it('bank --help names every variable of the environment that the command reads', async () => {
  const { stdout, code } = runHere(['-h']);
  expect(await code).toBe(0);
  const files = ['places', 'credentials', 'paint'].map((name) =>
    readFileSync(new URL(`../../client/command/${name}.ts`, import.meta.url), 'utf8'),
  );
  const read = [...files.join('\n').matchAll(/environment\['([A-Z_]+)'\]/g)].map(([, name = '']) => name);
  expect(read.length).toBeGreaterThan(5);
  for (const name of read) expect(stdout.join('\n')).toContain(name);
});

it.each(COMMAND_NAMES)('bank %s --help tells of this command alone', async (name) => {
  const page = await pageOf([name, '--help']);
  expect(page.get('NAME')?.replaceAll(/\s+/g, ' ')).toContain(`bank ${name} - ${COMMANDS[name].summary}`);
  expect(page.get('SYNOPSIS')).toContain(synopsisOf(name));
  expect(optionsIn(page.get('OPTIONS'))).toEqual(optionsOf(name).map(([option]) => option));
  const members = COMMANDS[name].json.flatMap((line) => Object.keys(line.members));
  for (const member of members)
    expect(page.get('JSON')).toMatch(new RegExp(`^ {6}${member.replace('?', '')} `, 'm'));
  expect(examplesIn(page.get('EXAMPLES')).length).toBeGreaterThan(0);
});

it('every example is a command line that is right', async () => {
  const page = await pageOf(['--help']);
  const examples = examplesIn(page.get('EXAMPLES'));
  expect(examples.length).toBeGreaterThan(8);
  for (const example of examples) {
    // A key that is printed is too old when it is copied, so that examples say KEY.
    expect(example).not.toMatch(new RegExp(KEY_PATTERN));
    const command = readCommand(example.replace(/\bKEY\b/, newKey()).split(' '), {}, () => '');
    expect(command.kind).toBe(example.split(' ')[0]);
  }
});

it('--help anywhere asks for it, whatever else is wrong, and sends nothing', async () => {
  expect((await pageOf(['deposit', 'joe', '1.5', '--help'])).get('NAME')).toContain('bank deposit');
  expect((await pageOf(['transfer', '--help'])).get('NAME')).toContain('bank - ');
});
