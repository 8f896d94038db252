import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { platform } from '../environment.ts';
import { loadAwsChain } from './credentials.ts';
import { fail } from './fail.ts';
import manifest from './package.json' with { type: 'json' };
import { run } from './run.ts';
import { openTerminal, paintFor } from './terminal.ts';

const interruption = new AbortController();
// An interrupted call still ends with its outcome and its key; a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interruption.abort(new Error('interrupted')));

const args = process.argv.slice(2);
const { stdout, stderr } = process;
const terminal = openTerminal(stdout, stderr);
const paint = {
  out: paintFor(stdout.isTTY === true, process.env),
  err: paintFor(stderr.isTTY === true, process.env),
};

// The reader of the output may leave before its end. The call still ends, and the exit code still says how.
const readerGone = new AbortController();
let unwritten: Error | undefined;
stderr.on('error', () => {});
stdout.on('error', (error: NodeJS.ErrnoException) => {
  readerGone.abort(error);
  if (error.code !== 'EPIPE' && unwritten === undefined) {
    unwritten = new Error(`the output could not be written: ${error.message}`);
    process.exitCode = fail(unwritten, { args, err: terminal.err, paint });
  }
});

const exitCode = await run({
  ...terminal,
  args,
  environment: process.env,
  version: manifest.version,
  readFile: (path) => readFileSync(path, 'utf8'),
  writeFile: (path, text) => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // In two steps: another run of the command never reads half of it.
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, path);
  },
  loadChain: loadAwsChain,
  world: platform,
  paint,
  signal: interruption.signal,
  readerGone: readerGone.signal,
  drained: async (signal) => {
    if (stdout.writableNeedDrain) {
      await once(stdout, 'drain', { signal });
    }
  },
});
// What could not be written was reported already.
process.exitCode = unwritten === undefined ? exitCode : process.exitCode;

// A credentials chain that was given up may leave a connection or a program behind. Such a rest must not keep this one
// alive; what is still to be written may.
const leave = () => stdout.write('', () => stderr.write('', () => process.exit()));
setTimeout(leave, 100).unref();
