import { both } from '../support/bank-command.ts';
import type { ReceivedRequest } from '../support/memory-bank.ts';
import { openBooks } from '../support/operation-examples.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';
import { expectDocumented, runHere, UNHURRIED } from './in-process.ts';

/** Two Regions with the books of the examples, and the command on both of them. */
export interface ExampleBank extends AsyncDisposable {
  readonly regions: TwoRegions;
  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<{ code: number; stdout: string[]; stderr: string[] }>;
  /** The output of a command with --json, which was compared with the page of the command. */
  json(...args: readonly [string, ...string[]]): Promise<readonly Record<string, unknown>[]>;
  /** The requests of the commands. */
  sent(): readonly ReceivedRequest[];
}

export async function openExampleBank(): Promise<ExampleBank> {
  const regions = await startTwoRegions();
  await openBooks(regions.client());
  const before = regions.arrivals.length;
  const run: ExampleBank['run'] = async (...args) => {
    const { stdout, stderr, code } = runHere([...args, ...both(regions)], { world: UNHURRIED });
    return { code: await code, stdout, stderr };
  };
  return {
    regions,
    run,
    sent: () => regions.arrivals.slice(before),
    json: async (...args) => {
      const { stdout, stderr } = await run(...args, '--json');
      expectDocumented(args[0], 'stdout', stdout);
      expectDocumented(args[0], 'stderr', stderr);
      return stdout.map((line) => JSON.parse(line));
    },
    [Symbol.asyncDispose]: () => regions[Symbol.asyncDispose](),
  };
}
