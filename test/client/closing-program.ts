import { BankClient } from '../../client/index.ts';

/**
 * A program of its own for the tests of closing: whether anything keeps a process alive shows only when one ends.
 *
 * Arguments: what to do, and two endpoints. Every time-out is ten minutes, so that what is not ended goes on.
 */
const [mode, ...endpoints] = process.argv.slice(2);
const TEN_MINUTES_MS = 600_000;
let skippedMs = 0;
const client = new BankClient({
  endpoints,
  attemptTimeoutMs: TEN_MINUTES_MS,
  callTimeoutMs: TEN_MINUTES_MS,
  environment: { elapsedMs: () => performance.now() + skippedMs },
});

await client.deposit('joe', 1n);
if (mode === 'close') {
  // The second endpoint has answered by now: this call starts the interval, after which the next one starts a probe of the first.
  await client.balance('joe');
  skippedMs = TEN_MINUTES_MS / 2;
  const call = client.deposit('joe', 1n).catch((error: unknown) => error);
  process.stdin.resume().once('end', () => void client.close());
  const error = await call;
  process.stdout.write(error instanceof Error && 'code' in error ? String(error.code) : 'no error');
}
