import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';

/** All items of an iteration. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
  }
  return found;
}

/** The error of a call that must fail. */
export const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable('the call has not failed'),
    (error: unknown) => error,
  );

/** Lets the event loop turn until a condition holds. A test that waits in vain ends by its time limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await setImmediate();
  }
}

/** Collects the warnings of the process while something runs. Node emits them a turn later. */
export async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const collect = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
  process.on('warning', collect);
  try {
    await work();
    await setImmediate();
  } finally {
    process.off('warning', collect);
  }
  return warnings;
}
