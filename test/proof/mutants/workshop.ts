import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../../infra/local/folders.ts';
import { startProgram } from '../../support/program.ts';
import type { Mutant } from './mutant.ts';

/** What the bank consists of, and what its tests need. */
const PARTS = ['client', 'functions', 'infra', 'test', 'cdk.json', 'package.json', 'tsconfig.json'];

/** Longest that a simulation or a file of tests may take. A mutant that hangs it is caught as well. */
const MAX_RUN_MS = 900_000;

/** How many seeds the simulation is given to find a mutant. */
const SEEDS = 300;

/** The result of running tests or the simulation on a mutant. */
export interface Verdict {
  readonly caught: boolean;
  /** Null when it was not run, or took too long. */
  readonly exitCode: number | null;
  /** The first thing that went red, in words. */
  readonly by: string;
  readonly seconds: number;
}

/** A copy of the project, in which one line at a time is taken away and put back. */
export class Workshop {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #running: ChildProcess | undefined;

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Copies the project. `environment` goes to everything that is run in it. */
  static async open(environment: NodeJS.ProcessEnv): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'twinbank-mutants-'));
    for (const part of PARTS) {
      const filter = (path: string) => !path.includes('node_modules') && !path.endsWith('/dist');
      await cp(join(PROJECT_FOLDER, part), join(folder, part), { recursive: true, filter });
    }
    await symlink(join(PROJECT_FOLDER, 'node_modules'), join(folder, 'node_modules'));
    return new Workshop(folder, environment);
  }

  /** Takes a line away, runs what has to go red, and puts the line back. */
  async try(mutant: Mutant): Promise<Verdict> {
    const file = join(this.#folder, mutant.file);
    const source = await readFile(file, 'utf8');
    if (source.split(mutant.find).length !== 2) {
      return { caught: false, exitCode: null, by: `${mutant.file} has no such line, or several`, seconds: 0 };
    }
    await writeFile(
      file,
      source.replace(mutant.find, () => mutant.replace),
    );
    try {
      return await this.run(mutant.caughtBy);
    } finally {
      await writeFile(file, source);
    }
  }

  /** Runs the simulation or a file of tests. `caught` means that it went red. */
  async run(what: Mutant['caughtBy']): Promise<Verdict> {
    const startedMs = performance.now();
    const args =
      what === 'simulation'
        ? ['--import', 'tsx', 'test/proof/simulation/main.ts', '--seeds', String(SEEDS), '--stop']
        : ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--bail', '1', what];
    const { child, ended } = startProgram([process.execPath, ...args], {
      cwd: this.#folder,
      env: { ...process.env, ...this.#environment, NO_COLOR: '1' },
      timeout: MAX_RUN_MS,
      killSignal: 'SIGKILL',
    });
    this.#running = child;
    const { code: exitCode, output } = await ended;
    const seconds = (performance.now() - startedMs) / 1000;
    const [red = ''] = /^ *(?:[×✗] .*|seed \d+: .*)$/m.exec(output) ?? [];
    const [error = ''] = /^\w*Error: .*$/m.exec(output) ?? [];
    const by = [red.trim(), error].filter(Boolean).join('; ') || `exit code ${exitCode}`;
    return { caught: exitCode !== 0, exitCode, by, seconds };
  }

  async close(): Promise<void> {
    this.#running?.kill('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}
