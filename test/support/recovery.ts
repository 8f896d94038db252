import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../infra/local/compile.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import type { TestTables } from './dynamodb-lab.ts';
import { type Ended, type Running, startProgram } from './program.ts';

/** Compiled once: the tests of recovery start them a hundred times, and a loader of TypeScript takes more time than their work. */
const PROGRAMS = {
  recover: await compile(new URL('../../infra/tools/recover/main.ts', import.meta.url)),
  audit: await compile(new URL('../../infra/tools/audit.ts', import.meta.url)),
} as const;

/** Runs the programs behind `npm run recover` and `npm run audit` as processes, with a folder for what they need. */
export class Recovery {
  readonly folder = mkdtempSync(join(tmpdir(), 'twinbank-recover-'));
  readonly #endpoint: string;

  constructor({ endpoint }: TestTables) {
    this.#endpoint = endpoint;
  }

  /** Starts a recovery, with the arguments that every run has in common and those that are given. */
  start(target: TestTables, args: readonly string[]): Running {
    const common = ['--to', prefixOf(target), '--region', 'us-east-1'];
    return this.#start('recover', [...common, '--progress', join(this.folder, 'progress.json'), ...args]);
  }

  run(target: TestTables, args: readonly string[]): Promise<Ended> {
    return this.start(target, args).ended;
  }

  startAudit(args: readonly string[]): Running {
    return this.#start('audit', args);
  }

  audit(args: readonly string[]): Promise<Ended> {
    return this.startAudit(args).ended;
  }

  #start(program: keyof typeof PROGRAMS, args: readonly string[]) {
    return startProgram([process.execPath, PROGRAMS[program], ...args], {
      env: { PATH: process.env['PATH'], ...awsEnvironment(this.#endpoint, 'us-east-1') },
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a bank's tables begin with. */
export function prefixOf({ accounts }: TestTables): string {
  return accounts.replace(/-accounts$/, '');
}

/** Audits the bank of some tables. */
export async function audit(tables: TestTables, ...more: readonly string[]): Promise<Ended> {
  using recovery = new Recovery(tables);
  return await recovery.audit(['--from', prefixOf(tables), '--region', 'us-east-1', ...more]);
}

/** What a program has printed with `--json`, line by line. */
export const linesOf = (stdout: string): ReturnType<JSON['parse']>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
