import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import type { TestTables } from './tables.ts';

/** What a run of `npm run recover` came to. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program behind `npm run recover` as a process, from one pair of tables into another. */
export class Recovery {
  readonly #folder = mkdtempSync(join(tmpdir(), 'twinbank-recover-'));
  readonly #endpoint: string;

  constructor({ endpoint }: TestTables) {
    this.#endpoint = endpoint;
  }

  get folder(): string {
    return this.#folder;
  }

  /** Starts it, with the arguments that every run has in common and those that are given. */
  start(target: TestTables, args: readonly string[]): { child: ChildProcess; ended: Promise<Run> } {
    const prefix = target.accounts.replace(/-accounts$/, '');
    const child = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', 'infra/recover/main.ts', '--to', prefix, '--region', 'us-east-1'],
        ...['--progress', join(this.#folder, 'progress.json'), ...args],
      ],
      {
        cwd: PROJECT_FOLDER,
        env: { PATH: process.env['PATH'], ...awsEnvironment(this.#endpoint, 'us-east-1') },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<Run>((resolve) => {
      child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    });
    return { child, ended };
  }

  run(target: TestTables, args: readonly string[]): Promise<Run> {
    return this.start(target, args).ended;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
