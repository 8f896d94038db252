import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { consoleSteps, fencedBlocks } from '../support/markdown.ts';

/** The blocks of the README that are shown: a deposit, the loss of a Region, a failover and a retry. */
const SHOWN_BLOCKS = 3;
/** In place of KEY1, KEY2 and so on. */
const KEYS = ['0193a1c0-5b7e-7d31-9c42-6f0e8a2b47d5', '0193a1c0-8f02-7a64-b1d9-30c5e7f2918a'];

const CHARACTER = { width: 8.43, height: 22 } as const;
const MARGIN = 24;
const TITLE_HEIGHT = 40;
const COLUMNS = 66;
/** Above each command. */
const GAP = 10;
const TYPING_SECONDS = 0.4;
/** Between a command and its output, and after the output. */
const PAUSES = { answer: 0.2, read: 0.5 } as const;

/** A line on the picture, and when it appears. */
interface Line {
  readonly text: string;
  readonly look: string;
  readonly atSeconds: number;
  readonly y: number;
  readonly isTyped: boolean;
}

/**
 * Draws the session at the beginning of the README as a terminal, typed step by step. What it shows is what the README says, which
 * a test compares with what the programs print.
 */
export function pictureOf(readme: string): string {
  const lines = linesOf(readme);
  const width = Math.round(2 * MARGIN + COLUMNS * CHARACTER.width);
  const height = (lines.at(-1)?.y ?? 0) + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(lines.map(({ text }) => text).join('\n'))}</title>
<style>
svg { --paper: #ffffff; --edge: #8c959f; --ink: #1f2328; --faint: #59636e; --good: #116329; --bad: #cf222e; --warning: #7d4e00 }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --edge: #656c76; --ink: #e6edf3; --faint: #9198a1; --good: #3fb950; --bad: #ff7b72; --warning: #d29922 }
}
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: var(--ink); white-space: pre }
.command { font-weight: 600 } .faint { fill: var(--faint) } .good { fill: var(--good) } .bad { fill: var(--bad) } .warning { fill: var(--warning) }
@media (prefers-reduced-motion: no-preference) {
  text { animation: appear 0.01s both } .typed { animation: type ${TYPING_SECONDS}s steps(30) both }
}
@keyframes appear { from { opacity: 0 } }
@keyframes type { from { clip-path: inset(0 100% 0 0) } to { clip-path: inset(0 -9px 0 0) } }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="var(--paper)" stroke="var(--edge)"/>
<g fill="var(--edge)"><circle cx="22" cy="20" r="5"/><circle cx="40" cy="20" r="5"/><circle cx="58" cy="20" r="5"/></g>
${lines.map(drawn).join('\n')}
</svg>
`;
}

function linesOf(readme: string): readonly Line[] {
  const blocks = fencedBlocks(readme).filter(({ language }) => language === 'console');
  const steps = blocks.slice(0, SHOWN_BLOCKS).flatMap(({ text }) => consoleSteps(text));
  let atSeconds = 0.5;
  let y = TITLE_HEIGHT - GAP;
  const nextY = (gap = 0) => {
    y += CHARACTER.height + gap;
    return y;
  };
  return steps.flatMap(({ prompt, command, output }) => {
    const typed = { text: `${prompt} ${command}`, look: 'command', atSeconds, y: nextY(GAP), isTyped: true };
    atSeconds += TYPING_SECONDS + PAUSES.answer;
    const answers = output.map((line) => ({
      text: line.replaceAll(/KEY(\d)/g, (_, number) => KEYS[Number(number) - 1] ?? ''),
      look: lookOf(line),
      atSeconds,
      y: nextY(),
      isTyped: false,
    }));
    atSeconds += PAUSES.read;
    return [typed, ...answers];
  });
}

function lookOf(line: string): string {
  const looks = [
    [/^key /, 'faint'],
    [/ down /, 'bad'],
    [/ cannot connect /, 'warning'],
    [/ replied |^replayed /, 'good'],
  ] as const;
  return looks.find(([pattern]) => pattern.test(line))?.[1] ?? 'output';
}

function drawn({ text, look, atSeconds, y, isTyped }: Line): string {
  const names = isTyped ? `${look} typed` : look;
  return `<text class="${names}" x="${MARGIN}" y="${y}" xml:space="preserve" style="animation-delay: ${atSeconds.toFixed(1)}s">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export const README = join(PROJECT_FOLDER, 'README.md');
export const PICTURE = join(PROJECT_FOLDER, '.github', 'terminal.svg');

/** The program behind `npm run picture`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PICTURE, pictureOf(readFileSync(README, 'utf8')));
}
