import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableNames } from '../../../infra/names.ts';
import { turned } from '../interleave.ts';
import { type Bundles, bundleAll } from './bundles.ts';
import { depositEvent } from './event.ts';
import { type ColdStartResult, PROGRAMS, type Program } from './result.ts';
import { type Start, startCold } from './start.ts';
import { summarizeColdStart } from './summarize.ts';

/** How much is measured. */
export interface ColdStartPlan {
  /** Starts of each of the two functions. */
  readonly starts: number;
}

const AMOUNT = '10';

/**
 * Starts the bank's function and one that only imports the SDK in turns, each time in a fresh process that answers one
 * deposit to a fresh account.
 */
export async function measureColdStart(
  plan: ColdStartPlan,
  endpoint: string,
  tables: TableNames,
  onProgress: (says: string) => void,
  signal: AbortSignal,
): Promise<ColdStartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'twinbank-cold-start-'));
  try {
    onProgress('cold start, bundling');
    const bundles = await bundleAll(folder);
    const starts: Record<Program, Start[]> = { bank: [], sdk_only: [] };
    // The first of each is thrown away: it brings the files into memory, and compiles DynamoDB Local.
    for (let round = 0; round <= plan.starts; round += 1) {
      onProgress(`cold start, ${Math.max(round, 1)} of ${plan.starts}`);
      for (const program of turned(PROGRAMS, round)) {
        signal.throwIfAborted();
        const start = await startProgram(program, bundles, { endpoint, tables }, signal);
        if (round > 0) starts[program].push(start);
      }
    }
    return summarizeColdStart(bundles.functions, starts);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function startProgram(
  program: Program,
  { functions, starter }: Bundles,
  surroundings: { readonly endpoint: string; readonly tables: TableNames },
  signal: AbortSignal,
): Promise<Start> {
  const call = {
    bundleFile: functions[program].file,
    event: depositEvent(`cold-${randomUUID()}`, AMOUNT),
    expectedBalance: AMOUNT,
  };
  return startCold(starter, call, surroundings, signal);
}
