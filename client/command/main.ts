import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadAwsChain } from './chain.ts';
import { fail, run } from './run.ts';

const interruption = new AbortController();
// An interrupted call still ends with its outcome and its key; a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interruption.abort(new Error('interrupted')));

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const args = process.argv.slice(2);
const err = (line: string) => process.stderr.write(`${line}\n`);

// Whoever reads the output may leave before its end. The call still ends, and the exit code still tells how.
process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    const fault = new Error(`the output could not be written: ${error.message}`);
    process.exitCode = fail(fault, args.includes('--json'), { err });
  }
});

process.exitCode = await run({
  args,
  environment: process.env,
  version,
  readFile: (path) => readFileSync(path, 'utf8'),
  loadChain: loadAwsChain,
  elapsedMs: () => performance.now(),
  out: (line) => process.stdout.write(`${line}\n`),
  err,
  signal: interruption.signal,
});

// A credentials chain that was given up may leave a connection or a program behind. Such a rest must not keep this one
// alive; what is still to be written may.
const leave = () => process.stdout.write('', () => process.stderr.write('', () => process.exit()));
setTimeout(leave, 100).unref();
