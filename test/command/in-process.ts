import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { CommandProcess } from '../../client/command/process.ts';
import { run } from '../../client/command/run.ts';
import { plain } from '../../client/command/terminal.ts';
import { type Environment, platform } from '../../client/environment.ts';

/** The lines that a run of the command in this process has written, and its exit code. */
export interface Run {
  readonly stdout: string[];
  readonly stderr: string[];
  readonly progress: string[];
  readonly code: Promise<number>;
}

/**
 * A world in which a call without an answer ends after its first round, because the wait before the second would be longer than the call.
 * Otherwise, the end of the call may cut its last attempt short, which changes the reported failure.
 */
export const ONE_ROUND: Environment = { ...platform, random: () => Number.MAX_SAFE_INTEGER };

/** A world in which time passes twenty times slower, so that no attempt times out on a busy machine. */
export const UNHURRIED: Environment = {
  ...platform,
  elapsedMs: () => platform.elapsedMs() / 20,
  setTimer: (callback, delayMs, options) => platform.setTimer(callback, delayMs * 20, options),
};

/** Runs the command in this process, which is faster, for tests that are not about the process. */
export function runHere(args: readonly string[], parts: Partial<CommandProcess> = {}): Run {
  const [stdout, stderr, progress]: [string[], string[], string[]] = [[], [], []];
  const code = run({
    args,
    environment: {},
    version: '0',
    readFile: (path) => {
      throw new Error(`no file ${path}`);
    },
    writeFile: () => {},
    loadChain: () => Promise.reject(new Error('no chain')),
    world: platform,
    paint: { out: plain, err: plain },
    out: (text) => stdout.push(...text.split('\n')),
    err: (text) => stderr.push(...text.split('\n')),
    progress: (text) => progress.push(text),
    signal: new AbortController().signal,
    readerGone: new AbortController().signal,
    drained: async () => {},
    ...parts,
  });
  return { stdout, stderr, progress, code };
}

/** Runs the command in this process, to its end. */
export async function runToEnd(args: readonly string[], parts: Partial<CommandProcess> = {}) {
  const { stdout, stderr, code } = runHere(args, parts);
  return { code: await code, stdout, stderr };
}

const PAGE = readFileSync(new URL('../../client/command/README.md', import.meta.url), 'utf8');
const ROW = /^\| (`\w.*`|all.*) \| (stdout|stderr) \| (?:`(\w+)`)? ?\| (.*) \|$/gm;
const namesIn = (cell: string) => [...cell.matchAll(/`([\w?]+)`/g)].map(([, name = '']) => name);

/** The lines of `--json` that the page of the command documents. */
const LINES = [...PAGE.matchAll(ROW)].map(([, commands = '', stream, event, members = '']) => ({
  commands: commands.startsWith('all') ? undefined : namesIn(commands),
  stream,
  event,
  members: namesIn(members),
}));

/** Compares lines of `--json` with the page of the command: they have every member that it names, and no other. */
export function expectDocumented(
  command: string,
  stream: 'stdout' | 'stderr',
  lines: readonly string[],
): void {
  for (const line of lines) {
    const { event, ...members }: Record<string, unknown> = JSON.parse(line);
    const documented = LINES.find(
      (each) => (each.commands?.includes(command) ?? true) && each.stream === stream && each.event === event,
    );
    const names = documented?.members ?? [];
    const always = names.filter((name) => !name.endsWith('?'));
    const printed = Object.keys(members);
    expect({ line, names: names.map((name) => name.replace('?', '')) }).toEqual({
      line,
      names: expect.arrayContaining(printed),
    });
    expect({ line, printed }).toEqual({ line, printed: expect.arrayContaining(always) });
  }
}
