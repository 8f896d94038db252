import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { platform } from '../environment.ts';
import { loadAwsChain } from './chain.ts';
import { fail } from './fail.ts';
import { paintFor } from './paint.ts';
import { run } from './run.ts';
import { openScreen } from './screen.ts';

const interruption = new AbortController();
// An interrupted call still ends with its outcome and its key; a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interruption.abort(new Error('interrupted')));

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const args = process.argv.slice(2);
const { stdout, stderr } = process;
const screen = openScreen(stdout, stderr);
const paint = {
  out: paintFor(stdout.isTTY === true, process.env),
  err: paintFor(stderr.isTTY === true, process.env),
};

// Whoever reads the output may leave before its end. The call still ends, and the exit code still tells how.
const readerGone = new AbortController();
let unwritten: Error | undefined;
stderr.on('error', () => {});
stdout.on('error', (error: NodeJS.ErrnoException) => {
  readerGone.abort(error);
  if (error.code !== 'EPIPE' && unwritten === undefined) {
    unwritten = new Error(`the output could not be written: ${error.message}`);
    process.exitCode = fail(unwritten, args.includes('--json'), { args, err: screen.err, paint });
  }
});

const exitCode = await run({
  ...screen,
  args,
  environment: process.env,
  version,
  readFile: (path) => readFileSync(path, 'utf8'),
  loadChain: loadAwsChain,
  world: platform,
  paint,
  signal: interruption.signal,
  readerGone: readerGone.signal,
  drained: async (signal) => {
    if (stdout.writableNeedDrain) await once(stdout, 'drain', { signal });
  },
});
// Output that was lost is told already.
process.exitCode = unwritten === undefined ? exitCode : process.exitCode;

// A credentials chain that was given up may leave a connection or a program behind. Such a rest must not keep this one
// alive; what is still to be written may.
const leave = () => stdout.write('', () => stderr.write('', () => process.exit()));
setTimeout(leave, 100).unref();
