import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import type { TestTables } from './tables.ts';

/** What a run of a program came to. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PROGRAMS = { recover: 'infra/tools/recover/main.ts', audit: 'infra/tools/audit.ts' } as const;

/** Runs the programs behind `npm run recover` and `npm run audit` as processes, with a folder for what they need. */
export class Recovery {
  readonly folder = mkdtempSync(join(tmpdir(), 'twinbank-recover-'));
  readonly #endpoint: string;

  constructor({ endpoint }: TestTables) {
    this.#endpoint = endpoint;
  }

  /** Starts a recovery, with the arguments that every run has in common and those that are given. */
  start(target: TestTables, args: readonly string[]): { child: ChildProcess; ended: Promise<Run> } {
    const common = ['--to', prefixOf(target), '--region', 'us-east-1'];
    return this.#start('recover', [...common, '--progress', join(this.folder, 'progress.json'), ...args]);
  }

  run(target: TestTables, args: readonly string[]): Promise<Run> {
    return this.start(target, args).ended;
  }

  audit(args: readonly string[]): Promise<Run> {
    return this.#start('audit', args).ended;
  }

  #start(program: keyof typeof PROGRAMS, args: readonly string[]) {
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAMS[program], ...args], {
      cwd: PROJECT_FOLDER,
      env: { PATH: process.env['PATH'], ...awsEnvironment(this.#endpoint, 'us-east-1') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a bank's tables begin with. */
export function prefixOf({ accounts }: TestTables): string {
  return accounts.replace(/-accounts$/, '');
}
