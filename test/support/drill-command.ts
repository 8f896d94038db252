import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, type Running, startProgram } from './program.ts';

/** `npm run drill`, run as its users run it, against the bank of an outputs file. */
export class DrillCommand implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'twinbank-drill-'));
  readonly file = join(this.#folder, 'cdk-outputs.json');

  /** Writes the outputs of a bank at two addresses; both Regions have both experiments. */
  constructor(east: string, west: string) {
    const outputs = (region: string, url: string) => ({
      BankEndpoint: url,
      BankRegion: region,
      DrillReplication: `EXTreplication-${region}`,
      DrillFunction: `EXTfunction-${region}`,
    });
    const stacks = {
      'twinbank-tables': {},
      'twinbank-us-east-1': outputs('us-east-1', east),
      'twinbank-us-east-2': outputs('us-east-2', west),
    };
    writeFileSync(this.file, JSON.stringify(stacks));
  }

  /** Starts it in a group of its own, which a Ctrl-C can be sent to as a terminal sends it: to npm and to the drill. */
  start(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    program: readonly string[] = ['npm', 'run', '--silent', 'drill', '--'],
  ): Running {
    return startProgram([...program, '--outputs', this.file, ...args], {
      detached: true,
      env: { ...process.env, npm_config_loglevel: 'silent', ...environment },
    });
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.start(args, environment).ended;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Ctrl-C in the terminal of a process that leads its group. */
export function interrupt({ pid }: ChildProcess): void {
  if (pid === undefined) {
    throw new Error('it never started');
  }
  process.kill(-pid, 'SIGINT');
}
