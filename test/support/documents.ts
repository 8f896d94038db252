import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { buildCommand, KEY_PATTERN } from './bank-command.ts';
import type { ConsoleStep } from './markdown.ts';
import { startProgram } from './program.ts';
import { StartedBank } from './started-bank.ts';

/** Addresses that documents show; the test's bank listens elsewhere, so that it disturbs no bank that is running. */
const SHOWN_PORTS = ['3020', '3030'] as const;

const UUID = new RegExp(KEY_PATTERN, 'g');
/** Stands for a key in a document: a real one would be too old for a reader who copies it. */
const PLACEHOLDER = /\bKEY\d+\b/g;
const SHOWN_KEY = new RegExp(`${PLACEHOLDER.source}|${UUID.source}`, 'g');

/** Age of a call from which the command is sure that its retry moved nothing, and some more. */
const OLD_ENOUGH_MS = 4_000;

/** Separate from the state of the user who runs the tests. */
const STATE_FOLDER = join(tmpdir(), `twinbank-documents-${process.pid}`);

/** A bank that runs everything that a document shows. `stop` leaves nothing running, also after a start that failed. */
export class DocumentBank {
  #started: StartedBank | undefined;
  #ports: readonly [number, number] = [0, 0];
  /** Keys that were printed last, by what the document has in their place. */
  readonly #keys = new Map<string, string>();
  #hasRunNpx = false;

  async start(): Promise<void> {
    // `npx bank` runs what was compiled, which must be what is here.
    await buildCommand();
    this.#ports = await freePorts();
    const bank = new StartedBank(['--ports', this.#ports.join(',')]);
    this.#started = bank;
    await bank.until(() => bank.lines.some((line) => line.startsWith('The bank is up')));
  }

  async stop(): Promise<void> {
    // A bank that is not up yet obeys no line.
    this.#started?.signal('SIGTERM');
    await this.#started?.exit;
    await rm(STATE_FOLDER, { recursive: true, force: true });
  }

  /** Plays console steps in order, and expects each to print what the document says. */
  async play(steps: readonly ConsoleStep[]): Promise<void> {
    for (const step of steps) {
      if (step.output.some((line) => line.includes(', nothing moved'))) {
        // The command is sure of that once the call before is some seconds old, as it is for a reader.
        await sleep(OLD_ENOUGH_MS);
      }
      const printed = step.prompt === '$' ? await this.shell(step.command) : await this.typed(step);
      expect(`${step.command}\n${this.comparable(printed)}`).toBe(
        `${step.command}\n${this.comparable(step.output.join('\n'))}`,
      );
      const minted = printed.match(UUID) ?? [];
      for (const [index, shown] of (step.output.join('\n').match(SHOWN_KEY) ?? []).entries()) {
        this.#keys.set(shown, minted[index] ?? shown);
      }
    }
  }

  /** Runs a line in a shell, and returns everything that it prints, in the order in which a terminal shows it. */
  async shell(line: string): Promise<string> {
    const [first, second] = this.#ports;
    const { ended } = startProgram(['sh', '-c', `exec 2>&1; ${this.#quicker(this.here(line))}`], {
      env: {
        ...process.env,
        BANK_ENDPOINTS: `us-east-1=http://127.0.0.1:${first},us-east-2=http://127.0.0.1:${second}`,
        NO_UPDATE_NOTIFIER: '1',
        XDG_STATE_HOME: STATE_FOLDER,
        npm_config_loglevel: 'silent',
        // A program that would start a DynamoDB of its own takes the one of this run.
        DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
      },
    });
    return (await ended).stdout;
  }

  /** Compiles a program as a dependent of the client would, runs it, and returns what it prints. */
  async program(text: string): Promise<string> {
    // Inside the project, so that the import finds the client as a dependent of the package would.
    // Letters: of digits, `here` takes some for the ports that a document shows.
    const name = String(process.pid).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
    const place = join(PROJECT_FOLDER, '.twinbank', `program-${name}`);
    await mkdir(place, { recursive: true });
    try {
      await writeFile(join(place, 'program.ts'), this.here(text));
      await writeFile(
        join(place, 'tsconfig.json'),
        JSON.stringify({ extends: '../../tsconfig.json', include: ['program.ts'] }),
      );
      expect(await this.shell(`npx tsc -p ${place}`)).toBe('');
      return await this.shell(`npx tsx ${join(place, 'program.ts')}`);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  /**
   * The first `npx bank` of a document is run as it stands. The others run what npx finds, directly: npx takes three times as
   * long as the command, and a document has dozens of them.
   */
  #quicker(line: string): string {
    if (!line.startsWith('npx bank ')) {
      return line;
    }
    const quicker = this.#hasRunNpx ? line.replace('npx bank', 'node_modules/.bin/bank') : line;
    this.#hasRunNpx = true;
    return quicker;
  }

  /** Types a line into the bank's terminal, and returns what the bank prints. */
  async typed({ command, output }: ConsoleStep): Promise<string> {
    const bank = this.#started;
    if (bank === undefined) {
      throw new Error('the bank was not started');
    }
    const before = bank.lines.length;
    bank.say(command);
    await bank.until(() => bank.lines.length >= before + output.length);
    return bank.lines.slice(before).join('\n');
  }

  /** The text with the addresses of this bank, and the keys that it has seen, where the document shows others. */
  here(text: string): string {
    return SHOWN_PORTS.reduce(
      (changed, shown, index) => changed.replaceAll(shown, String(this.#ports[index])),
      text.replaceAll(PLACEHOLDER, (shown) => this.#keys.get(shown) ?? shown),
    );
  }

  /** The text without keys, processes, ports, times and counts of retries, which differ from run to run. */
  comparable(text: string): string {
    return SHOWN_PORTS.reduce(
      (changed, shown, index) => changed.replaceAll(String(this.#ports[index]), shown),
      text
        .trimEnd()
        .replaceAll(SHOWN_KEY, 'KEY')
        .replaceAll(/pid \d+/g, 'pid PID')
        .replaceAll(/\(\d+ times\)/g, '(N times)')
        .replaceAll(/ +[\d,]+ ms$/gm, ' N ms')
        .replaceAll(/replayed from \d+ s ago/g, 'replayed from N s ago'),
    );
  }
}
