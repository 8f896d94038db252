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
// After the first signal, such as that of Ctrl-C, a call still ends with its outcome and its key. A second one ends the process at once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interruption.abort(new Error('interrupted')));
}

const args = process.argv.slice(2);
const { stdout, stderr } = process;
const terminal = openTerminal(stdout, stderr);
const paint = {
  out: paintFor(stdout.isTTY === true, process.env),
  err: paintFor(stderr.isTTY === true, process.env),
};

// The reader of the output may close it early. The call still ends, and the exit code says how.
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
    // Writes another file and renames it, so that another run of the command never reads half a file.
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
// An error of the output has set the exit code already.
process.exitCode = unwritten === undefined ? exitCode : process.exitCode;

// A credentials chain that did not answer may leave an open connection or a child process, which must not keep this process alive. The
// process ends when all output is written.
const leave = () => stdout.write('', () => stderr.write('', () => process.exit()));
setTimeout(leave, 100).unref();
