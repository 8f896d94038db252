import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { freePorts } from '../../infra/local/free-ports.ts';

/** What begins a colour in a terminal. */
const COLOUR = '\x1b';

/** `script` of util-linux gives a program a terminal; others of this name take other arguments. */
const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

test.runIf(hasTerminal)(
  'on a terminal npm start has a prompt and colours, completes what is typed, says what it does, and ends at Ctrl-C',
  async () => {
    const ports = await freePorts();
    const line = `${process.execPath} --import tsx infra/local/start.ts --ports ${ports.join()}`;
    const child = spawn('/usr/bin/script', ['-qec', line, '/dev/null'], {
      cwd: PROJECT_FOLDER,
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const until = (part: string | RegExp) =>
      vi.waitFor(() => expect(text).toMatch(part), { timeout: 60_000, interval: 50 });
    await until('Starting DynamoDB Local ...');
    await until('\x1b[32mThe bank is up\x1b[0m');
    await until(new RegExp(`> ($|${COLOUR})`));
    /** Types key by key: what comes at once is taken for pasted, and a tab in it for a tab. */
    const type = async (keys: string, echo: string) => {
      text = '';
      child.stdin.write(keys);
      await until(echo);
    };
    await type('ki', 'ki');
    await type('\t', 'll ');
    await type('us-east-1', 'us-east-1');
    child.stdin.write('\r');
    await until(`us-east-1  \x1b[31mdown  \x1b[0m  http://127.0.0.1:${ports[0]}`);
    await type('star', 'star');
    await type('\t', 't ');
    await type('\t', 'us-east-1');
    child.stdin.write('\r');
    await until('Starting the process of us-east-1 ...');
    await until('us-east-1  \x1b[32mup    \x1b[0m');
    child.stdin.write('\x03');
    expect(await ended).toBe(0);
  },
);
