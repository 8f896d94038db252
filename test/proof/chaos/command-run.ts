import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../../infra/local/folders.ts';

/** How a run of `npm run chaos` ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run chaos`, run as its users run it, with a folder for what it writes. */
export class CommandRun implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'twinbank-chaos-test-'));
  readonly report = join(this.#folder, 'deep', 'report');

  /** Without npm, so that signals and exit codes are those of the program. */
  start(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    return this.#spawn(
      process.execPath,
      ['--import', 'tsx', 'test/proof/chaos/main.ts', ...args],
      environment,
    );
  }

  runByNpm(args: readonly string[]): Promise<Ended> {
    return this.#spawn('npm', ['run', '--silent', 'chaos', '--', ...args]).ended;
  }

  /** For a run that cannot clear up after itself. */
  get folder(): string {
    return this.#folder;
  }

  read(suffix: 'html' | 'jsonl'): string {
    return readFileSync(`${this.report}.${suffix}`, 'utf8');
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, maxRetries: 20, retryDelay: 200 });
  }

  #spawn(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(program, [...args, '--report', this.report], {
      cwd: PROJECT_FOLDER,
      // Its own DynamoDB, whatever the tests use: what it starts is what it has to stop.
      env: { ...process.env, DYNAMODB_ENDPOINT: '', npm_config_loglevel: 'silent', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = once(child, 'close').then(([code]): Ended => ({ code, stdout, stderr }));
    return { child, ended };
  }
}
