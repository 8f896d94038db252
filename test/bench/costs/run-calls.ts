import type { Slice } from './result.ts';

/** Makes calls, some of them at once, and tells what each took of this process's CPU time. */
export async function runCalls(
  call: () => Promise<void>,
  { calls, atOnce }: { readonly calls: number; readonly atOnce: number },
): Promise<Slice> {
  const startedMs = performance.now();
  const usedBefore = process.cpuUsage();
  let begun = 0;
  const runCaller = async () => {
    while (begun < calls) {
      begun += 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runCaller));
  const { user, system } = process.cpuUsage(usedBefore);
  return {
    cpuMicros: (user + system) / calls,
    callsPerSecond: (calls * 1000) / (performance.now() - startedMs),
  };
}
