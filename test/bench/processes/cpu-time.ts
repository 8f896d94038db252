import pMap from 'p-map';

/** CPU time of this process for a call, in microseconds. */
export async function cpuMicrosOf(
  call: (index: number) => Promise<void>,
  { calls, atOnce }: { readonly calls: number; readonly atOnce: number },
): Promise<number> {
  const before = process.cpuUsage();
  await pMap(Array.from({ length: calls }).keys(), call, { concurrency: atOnce });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
