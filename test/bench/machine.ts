import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** Where figures come from. Absolute ones hold there alone. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly dynamodb: string;
  /** Processes that wanted to run when the measurement began, over a minute: of others, if above 0. */
  readonly loadAverage: number;
}

export function describeMachine(dynamodb: string): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    dynamodb,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
