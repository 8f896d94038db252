import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Keeper } from '../../infra/local/keeper.ts';

/** What the sweeps of a run did. */
export interface SweepTotals {
  readonly runs: number;
  /** Sweeps that ended with 1, as they should where the table failed them, or were killed because they took too long. */
  readonly failed: number;
  /** Replies that they moved to the archive. */
  readonly archived: number;
}

const PROGRAM = fileURLToPath(new URL('../../infra/local/sweep.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT = 64 * 1024;

/** Runs the scheduled function as a process of its own, as `npm run sweep` does. */
export class Sweeper {
  readonly #keeper: Pick<Keeper, 'guard' | 'release'>;
  readonly #running = new Map<() => void, Promise<void>>();
  #isStopped = false;
  #totals: SweepTotals = { runs: 0, failed: 0, archived: 0 };

  /** The keeper ends a sweep whose run was killed. */
  constructor(keeper: Pick<Keeper, 'guard' | 'release'>) {
    this.#keeper = keeper;
  }

  get totals(): SweepTotals {
    return this.#totals;
  }

  /** Sweeps the bank that was announced in a folder. True when nothing failed. */
  async sweep(folder: string): Promise<boolean> {
    if (this.#isStopped) return false;
    const child = spawn(process.execPath, ['--import', TSX, PROGRAM, '--data', folder], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const { pid } = child;
    if (pid !== undefined) this.#keeper.guard(pid);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT) output += text;
    });
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', (code) => resolve(code));
      child.once('error', () => resolve(null));
    });
    const kill = () => void child.kill('SIGKILL');
    const over = ended.then(() => undefined);
    this.#running.set(kill, over);
    const code = await ended;
    this.#running.delete(kill);
    if (pid !== undefined) this.#keeper.release(pid);
    const { runs, failed, archived } = this.#totals;
    this.#totals = {
      runs: runs + 1,
      failed: failed + (code === 0 ? 0 : 1),
      archived: archived + archivedIn(output),
    };
    return code === 0;
  }

  /** Waits for the sweeps that are under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Ends the sweeps that are under way, wherever they are, and begins none any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const kill of this.#running.keys()) kill();
    await this.settled();
  }
}

/** What the log line of a sweep says that it moved. */
function archivedIn(output: string): number {
  for (const line of output.split('\n')) {
    try {
      const { message, archived } = JSON.parse(line) as { message?: string; archived?: number };
      if (message === 'sweep') return archived ?? 0;
    } catch {
      // Not a line of the log.
    }
  }
  return 0;
}
