import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { playSession } from '../../infra/local/session.ts';
import { MemoryBank } from '../support/memory-bank.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

test('npm run demo plays the whole session and ends well', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', 'demo'], { cwd: PROJECT_FOLDER });
  // A paragraph a part, and nothing waits where there is no terminal.
  expect(stdout).toContain('\n\nKill us-east-1: us-east-2 has the same balance.\n\n> kill us-east-1\n');
  expect(stdout).not.toContain('Enter');
  expect(stdout).not.toContain('\x1b');
  expect(stdout).toMatch(
    /us-east-1 {2}cannot connect +\d+ ms\n {2}us-east-2 {2}replied 200 +\d+ ms\n {2}13, said us-east-2/,
  );
  expect(stdout.trimEnd()).toMatch(/Every answer was right\.$/);
});

test('counts every answer that is not the one of the tutorial', async () => {
  await using endpoint = await ScriptedEndpoint.start({
    region: 'us-east-1',
    bank: new MemoryBank(),
    arrivals: [],
  });
  await using client = new BankClient({ endpoints: [endpoint.url] });
  await client.deposit('joe', 1);
  const said: string[] = [];
  const wrong = await playSession({
    bank: { regions: ['us-east-1', 'us-east-2'], kill: async () => {}, start: async () => {} },
    client,
    say: (line) => said.push(line),
    signal: new AbortController().signal,
  });
  // Only the refusal of 1234 and the three lines without an answer of the bank are as they should be.
  expect(wrong).toBe(9);
  expect(said.join('\n')).toContain('but it should have been');
});
