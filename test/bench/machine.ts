import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';

/** Where figures come from: absolute ones hold there only. */
interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly dynamodb: string;
}

export function describeMachine(dynamodb: string): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    dynamodb,
  };
}

/** The load average of the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** The commit that is measured; `-dirty` when files were changed since. A copy without git has no commit. */
export function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=7', '--exclude=*'];
    return execFileSync('git', args, { cwd: PROJECT_FOLDER, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
