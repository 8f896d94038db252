import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { COMMAND_NAMES } from '../../client/command/command-table.ts';
import { completionScript } from '../../client/command/completion/script.ts';
import { OPTION_PAGES, optionsOf } from '../../client/command/option-table.ts';

const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0;
const dashed = (options: readonly (readonly [string, unknown])[]) => options.map(([name]) => `--${name}`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bank-completion-'));
  writeFileSync(join(folder, 'my outputs.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers for the last of these words. */
function bash(...words: string[]): string[] {
  const script = `${completionScript('bash')}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_bank
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const options = { cwd: folder, encoding: 'utf8' } as const;
  return execFileSync('bash', ['-uc', script, 'bash', 'bank', ...words], options)
    .split('\n')
    .filter((line) => line !== '');
}

it.runIf(isThere('bash'))('bash is offered commands, and the options that go with one', () => {
  expect(bash('')).toEqual(COMMAND_NAMES);
  expect(bash('wi')).toEqual(['withdraw']);
  expect(bash('-')).toEqual(dashed(OPTION_PAGES));
  for (const name of COMMAND_NAMES) expect(bash(name, '--')).toEqual(dashed(optionsOf(name)));
  expect(bash('hammer', '--clients', '4', '--sec')).toEqual(['--seconds']);
  expect(bash('--region', 'us-east-1', 'w')).toEqual(['withdraw', 'watch']);
});

it.runIf(isThere('bash'))(
  'bash is offered files and shells where they belong, and nothing for an account',
  () => {
    expect(bash('balance', 'joe', '--outputs', 'my')).toEqual(['my outputs.json']);
    expect(bash('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(bash('completion', 'bash', '')).toEqual([]);
    expect(bash('deposit', 'joe', '--key', '')).toEqual([]);
    expect(bash('deposit', '')).toEqual([]);
  },
);

it.runIf(isThere('bash'))('bash completes a line that is typed, once the script is loaded as it says', () => {
  const line = `eval "$1"; complete -p bank`;
  const loaded = execFileSync('bash', ['-c', line, 'bash', completionScript('bash')], { encoding: 'utf8' });
  expect(loaded).toBe('complete -F _bank bank\n');
});

it.runIf(isThere('fish'))('fish is offered the same', () => {
  const file = join(folder, 'bank.fish');
  writeFileSync(file, completionScript('fish'));
  const fish = (line: string) =>
    execFileSync('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', file, line], {
      encoding: 'utf8',
      cwd: folder,
    })
      .split('\n')
      .flatMap((offered) => (offered === '' ? [] : [offered.split('\t')[0] ?? '']));
  expect(fish('bank ').toSorted()).toEqual(COMMAND_NAMES.toSorted());
  expect(fish('bank hammer --cl')).toEqual(['--clients']);
  expect(fish('bank balance joe --cl')).toEqual([]);
  expect(fish('bank completion ').toSorted()).toEqual(['bash', 'fish', 'zsh']);
  expect(fish('bank balance joe --outputs my')).toEqual(['my outputs.json']);
});

it.runIf(isThere('zsh'))('zsh completes what is typed', () => {
  const file = join(folder, 'bank.zsh');
  writeFileSync(file, completionScript('zsh'));
  // A terminal of its own: what zsh offers is to be seen only where somebody types.
  const zsh = (typed: string) =>
    execFileSync(
      'zsh',
      [
        '-fc',
        `zmodload zsh/zpty; zpty -b shell zsh -fi
zpty -w shell "PROMPT=; autoload -Uz compinit; compinit -u -D; source $1; bank() { print -r -- typed:\\$*: }; print rea''dy"
zpty -r shell seen '*ready*'
zpty -w shell "$2"$'\\t'
zpty -r shell seen '*typed:*:*'
print -r -- $seen`,
        'zsh',
        file,
        typed,
      ],
      { encoding: 'utf8', cwd: folder, timeout: 30_000 },
    );
  expect(zsh('bank hamm')).toContain('typed:hammer:');
  expect(zsh('bank deposit joe --tim')).toContain('typed:deposit joe --timeout-ms:');
  expect(zsh('bank completion fi')).toContain('typed:completion fish:');
  expect(zsh('bank watch joe --outputs my')).toMatch(/typed:watch joe --outputs my outputs\.json:/);
});
