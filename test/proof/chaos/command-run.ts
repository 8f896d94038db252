import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, programIn, type Running, startProgram } from '../../support/program.ts';

/** `npm run chaos`, run as its users run it, with a folder for what it writes. */
export class CommandRun implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'twinbank-chaos-test-'));
  readonly report = join(this.#folder, 'deep', 'report');

  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
    return this.#start([...programIn('test/proof/chaos/main.ts'), ...args], environment);
  }

  runByNpm(args: readonly string[]): Promise<Ended> {
    return this.#start(['npm', 'run', '--silent', 'chaos', '--', ...args]).ended;
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

  #start(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
    return startProgram([...command, '--report', this.report], {
      // Its own DynamoDB, whatever the tests use: what it starts is what it has to stop.
      env: { ...process.env, DYNAMODB_ENDPOINT: '', npm_config_loglevel: 'silent', ...environment },
    });
  }
}
