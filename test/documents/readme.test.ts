import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../client/contract.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { type ConsoleStep, consoleSteps, fencedBlocks } from '../support/markdown.ts';
import { StartedBank } from '../support/started-bank.ts';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));
const README = await readFile(join(PROJECT_FOLDER, 'README.md'), 'utf8');
const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'DECISIONS.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'functions/BUNDLE.md',
  'infra/OPERATING.md',
  'test/PROOF.md',
];

/** Addresses that the README shows; the test's bank listens elsewhere, so that it disturbs no bank that is running. */
const SHOWN_PORTS = ['3020', '3030'] as const;

let folder: string;
let ports: [number, number];
let bank: StartedBank;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinbank-readme-'));
  ports = await freePorts();
  bank = new StartedBank(['--data', folder, '--ports', ports.join(',')]);
  await bank.until(() => bank.lines.some((line) => line.startsWith('The bank is up')));
});
afterAll(async () => {
  bank.say('quit');
  await bank.exit;
  await rm(folder, { recursive: true, force: true });
});

/** Runs a line of the README in a shell, and gives everything it prints in the order in which a terminal shows it. */
async function shell(line: string): Promise<string> {
  const child = spawn('sh', ['-c', `exec 2>&1; ${line}`], {
    cwd: PROJECT_FOLDER,
    env: {
      ...process.env,
      BANK_ENDPOINTS: `us-east-1=http://127.0.0.1:${ports[0]},us-east-2=http://127.0.0.1:${ports[1]}`,
      NO_UPDATE_NOTIFIER: '1',
      npm_config_loglevel: 'silent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return output;
}

/** Types a line into the bank's terminal and gives what the bank prints to it. */
async function typed({ command, output }: ConsoleStep): Promise<string> {
  const before = bank.lines.length;
  bank.say(command);
  await bank.until(() => bank.lines.length >= before + output.length);
  return bank.lines.slice(before).join('\n');
}

/** Keys, processes and ports differ from run to run; everything else must be as the README says. */
function comparable(text: string): string {
  return text
    .trimEnd()
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, 'KEY')
    .replaceAll(/pid \d+/g, 'pid PID')
    .replaceAll(String(ports[0]), SHOWN_PORTS[0])
    .replaceAll(String(ports[1]), SHOWN_PORTS[1]);
}

describe('the README', () => {
  const blocks = fencedBlocks(README);
  const steps = blocks
    .filter(({ language }) => language === 'console')
    .flatMap(({ text }) => consoleSteps(text));

  it('shows a session that goes as it says, command by command', async () => {
    expect(steps.length).toBeGreaterThan(8);
    for (const step of steps) {
      const printed = step.prompt === '$' ? await shell(step.command) : await typed(step);
      expect(`${step.command}\n${comparable(printed)}`).toBe(
        `${step.command}\n${comparable(step.output.join('\n'))}`,
      );
    }
  });

  it('shows a program that compiles, and moves money as it says', async () => {
    const [program = ''] = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);
    // Inside the project, so that the import finds the client as a dependent of the package would.
    const place = join(PROJECT_FOLDER, '.twinbank', `readme-${process.pid}`);
    await mkdir(place, { recursive: true });
    try {
      const real = program
        .replace(SHOWN_PORTS[0], String(ports[0]))
        .replace(SHOWN_PORTS[1], String(ports[1]));
      await writeFile(join(place, 'program.ts'), real);
      await writeFile(
        join(place, 'tsconfig.json'),
        JSON.stringify({ extends: '../../tsconfig.json', include: ['program.ts'] }),
      );
      expect(await shell(`npx tsc -p ${place}`)).toBe('');
      bank.say('start us-east-2');
      await bank.until(() => bank.lines.filter((line) => line.startsWith('us-east-2  up')).length === 2);
      expect(await shell(`npx tsx ${join(place, 'program.ts')}`)).toBe(
        'ann has 100\npaid, 70 left\na retry is given the same reply: 70\n',
      );
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });

  it('names every problem code with its status, and no other', () => {
    const [contract = ''] = /Everything that is not 200 is a problem.*?\n\n/s.exec(README) ?? [];
    const named = [...contract.matchAll(/`([a-z_]+)` (\d{3})/g)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    expect(Object.fromEntries(named)).toEqual(
      Object.fromEntries(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status])),
    );
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  const text = existsSync(join(PROJECT_FOLDER, document)) ? '' : 'missing';

  it('names only npm scripts that exist', async () => {
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

  it('points only at files and folders that exist', async () => {
    const content = await readFile(join(PROJECT_FOLDER, document), 'utf8');
    const links = [...content.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) =>
      join(PROJECT_FOLDER, document, '..', path ?? ''),
    );
    const folders = [...content.matchAll(/`((?:infra|functions|client|test)\/[\w/.-]*)`/g)].map(([, path]) =>
      join(PROJECT_FOLDER, path ?? ''),
    );
    expect([...links, ...folders].filter((path) => !existsSync(path))).toEqual([]);
  });
});
