/**
 * Takes steps in lanes side by side, one after the other in each, until there are none left. When one fails, or the signal
 * is aborted, no lane begins another step, and those under way are waited for.
 */
export async function inLanes(
  lanes: number,
  begin: (lane: number) => Promise<void> | undefined,
  signal: AbortSignal,
): Promise<void> {
  let ending = false;
  const run = async (lane: number) => {
    try {
      while (!ending) {
        signal.throwIfAborted();
        const step = begin(lane);
        if (step === undefined) return;
        await step;
      }
    } catch (error) {
      ending = true;
      throw error;
    }
  };
  const running = Array.from({ length: lanes }, (_, lane) => run(lane));
  await Promise.allSettled(running);
  await Promise.all(running);
}
