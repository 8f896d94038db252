import { createRequire } from 'node:module';
import { run } from './run.ts';

const interruption = new AbortController();
// An interrupted call still ends with its outcome and its key; a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interruption.abort(new Error('interrupted')));

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

process.exitCode = await run({
  args: process.argv.slice(2),
  environment: process.env,
  version,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  signal: interruption.signal,
});
