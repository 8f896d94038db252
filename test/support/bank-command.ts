import { type ChildProcess, execFile, type StdioOptions } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startProgram } from './program.ts';
import type { TwoRegions } from './two-regions.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const CLIENT = resolve(PROJECT, 'client');
/** Named after the run, so that one that was killed leaves no lock for the next. */
const LOCK = join(tmpdir(), `twinbank-build-${process.ppid}`);

/** How a run of the command ended. */
interface BankRun {
  readonly code: number | null;
  readonly stdout: string;
  /** Lines of standard error. */
  readonly stderr: readonly string[];
}

/** A run of the command under way. */
interface RunningBank {
  readonly child: ChildProcess;
  readonly ended: Promise<BankRun>;
}

/**
 * Compiles the command unless its build is newer than every source, as after `npm test` and `npm ci`. Test files that run side by
 * side build it once: one of them makes the folder that serves as a lock, the others wait.
 */
export async function buildCommand(): Promise<void> {
  while (existsSync(LOCK) || isStale()) {
    const isBuilder = await mkdir(LOCK).then(
      () => true,
      () => false,
    );
    if (isBuilder) {
      try {
        await promisify(execFile)('npm', ['run', 'build'], { cwd: PROJECT });
      } finally {
        await rmdir(LOCK);
      }
    } else {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function isStale(): boolean {
  const built = ['dist/index.js', 'dist/testing/index.js', 'command/dist/bank.js'].map(
    (path) => statSync(resolve(CLIENT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return readdirSync(CLIENT, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/^(command\/)?dist\//.test(path))
    .some((path) => statSync(resolve(CLIENT, path)).mtimeMs > Math.min(...built));
}

/** Starts the command as its users do. Its environment has only the given variables: no endpoint, no credential. */
export function startBank(
  args: readonly string[],
  { environment = {}, stdio = 'pipe' }: { environment?: NodeJS.ProcessEnv; stdio?: StdioOptions } = {},
): RunningBank {
  const command = [process.execPath, resolve(CLIENT, 'command/bin/bank.js'), ...args];
  const { child, ended } = startProgram(command, { env: environment, stdio });
  const isLine = (line: string) => line !== '';
  return {
    child,
    ended: ended.then(({ code, stdout, stderr }) => ({
      code,
      stdout,
      stderr: stderr.split('\n').filter(isLine),
    })),
  };
}

/** Runs the command to its end. */
export function runBank(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<BankRun> {
  return startBank(args, { environment }).ended;
}

/** A key, as a part of a regular expression. */
export const KEY_PATTERN = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

/** The arguments that name both Regions. */
export function both({ east, west }: Pick<TwoRegions, 'east' | 'west'>): string[] {
  return ['--endpoint', `us-east-1=${east.url}`, '--endpoint', `us-east-2=${west.url}`];
}
