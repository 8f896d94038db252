import { both } from '../support/bank-command.ts';
import type { ReceivedRequest } from '../support/memory-bank.ts';
import { openBooks } from '../support/operation-examples.ts';
import { test as regionsTest } from '../support/two-regions.ts';
import { expectDocumented, runToEnd, UNHURRIED } from './in-process.ts';

/** The command on two Regions with the books of the examples. */
export interface ExampleBank {
  /** Runs a command to its end. */
  run(...args: readonly string[]): ReturnType<typeof runToEnd>;
  /** The output of a command with --json, which was compared with the page of the command. */
  json(...args: readonly [string, ...string[]]): Promise<readonly Record<string, unknown>[]>;
  /** The requests of the commands. */
  sent(): readonly ReceivedRequest[];
}

/** A test that has an example bank. */
export const test = regionsTest.extend<{ bank: ExampleBank }>({
  bank: async ({ regions }, use) => {
    await openBooks(regions.client());
    const before = regions.arrivals.length;
    const run: ExampleBank['run'] = (...args) => runToEnd([...args, ...both(regions)], { world: UNHURRIED });
    await use({
      run,
      sent: () => regions.arrivals.slice(before),
      json: async (...args) => {
        const { stdout, stderr } = await run(...args, '--json');
        expectDocumented(args[0], 'stdout', stdout);
        expectDocumented(args[0], 'stderr', stderr);
        return stdout.map((line) => JSON.parse(line));
      },
    });
  },
});
