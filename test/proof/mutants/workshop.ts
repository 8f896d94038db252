import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../../infra/local/folders.ts';
import { startProgram } from '../../support/program.ts';

/** A line that keeps a promise, removed. */
export interface Mutant {
  /** What is removed, in words. */
  readonly removes: string;
  /** The invariant that it keeps, or `never stuck`; `the proof` where it keeps other mutants from being missed. */
  readonly keeps: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** What must fail: the simulation, or a file of tests. */
  readonly caughtBy: 'simulation' | `test/${string}`;
}

/** A mutant in the list of its file. By default the simulation catches it, and what was found is replaced by nothing. */
type Listed = Pick<Mutant, 'removes' | 'keeps' | 'find'> & Partial<Pick<Mutant, 'replace' | 'caughtBy'>>;

/** Mutants of some files, by file. */
export type Room = Readonly<Record<string, readonly Listed[]>>;

/** The bank, and what its tests need. */
const PARTS = ['client', 'functions', 'infra', 'test', 'cdk.json', 'package.json', 'tsconfig.json'];

/** A simulation or a file of tests that takes longer is stopped. A mutant that hangs it counts as caught. */
const MAX_RUN_MS = 900_000;

/** Seeds in which the simulation must find a mutant. */
const SEEDS = 300;

/** The result of running tests or the simulation on a mutant. */
export interface Verdict {
  readonly caught: boolean;
  /** Null if it was not run, or was stopped. */
  readonly exitCode: number | null;
  /** The first failure. */
  readonly by: string;
  readonly seconds: number;
}

/** A copy of the project, in which one line at a time is removed and put back. */
export class Workshop {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #running: ChildProcess | undefined;

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Copies the project. Everything that runs in the copy gets `environment`. */
  static async open(environment: NodeJS.ProcessEnv): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'twinbank-mutants-'));
    for (const part of PARTS) {
      const filter = (path: string) => !path.includes('node_modules') && !path.endsWith('/dist');
      await cp(join(PROJECT_FOLDER, part), join(folder, part), { recursive: true, filter });
    }
    await symlink(join(PROJECT_FOLDER, 'node_modules'), join(folder, 'node_modules'));
    return new Workshop(folder, environment);
  }

  /** Removes a line, runs what must fail, and puts the line back. */
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

  /** Runs the simulation or a file of tests. `caught` means that it failed. */
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
