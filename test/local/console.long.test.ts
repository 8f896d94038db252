import { expect, test } from 'vitest';
import { freePorts } from '../../infra/local/free-ports.ts';
import { HAS_TERMINAL, Terminal } from '../support/terminal.ts';

/** What begins a colour in a terminal. */
const COLOUR = '\x1b';

test.runIf(HAS_TERMINAL)(
  'on a terminal npm start has a prompt and colours, completes what is typed, says what it does, and ends at Ctrl-C',
  async () => {
    const ports = await freePorts();
    const terminal = new Terminal(`infra/local/start.ts --ports ${ports.join()}`);
    await terminal.until('Starting DynamoDB Local ...');
    await terminal.until('\x1b[32mThe bank is up\x1b[0m');
    await terminal.until(new RegExp(`> ($|${COLOUR})`));
    /** Types key by key: what comes at once is taken for pasted, and a tab in it for a tab. */
    const type = async (keys: string, echo: string) => {
      terminal.press(keys);
      await terminal.until(echo);
    };
    await type('ki', 'ki');
    await type('\t', 'll ');
    await type('us-east-1', 'us-east-1');
    await type('\r', `us-east-1  \x1b[31mdown  \x1b[0m  http://127.0.0.1:${ports[0]}`);
    await type('star', 'star');
    await type('\t', 't ');
    await type('\t', 'us-east-1');
    await type('\r', 'Starting the process of us-east-1 ...');
    await terminal.until('us-east-1  \x1b[32mup    \x1b[0m');
    terminal.press('\x03');
    expect(await terminal.ended).toBe(0);
  },
);
