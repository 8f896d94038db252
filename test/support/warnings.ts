/** Collects the warnings of the process while something runs. Node gives them out a turn later. */
export async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const collect = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
  process.on('warning', collect);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', collect);
  }
  return warnings;
}
