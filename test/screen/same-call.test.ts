import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { mintKey } from '../../client/index.ts';
import { bankOf, curlOf } from '../../infra/local/screen/page/same-call.ts';
import type { PanelCall } from '../../infra/local/screen/page/state.ts';

const USUAL = [
  { region: 'us-east-1', url: 'http://127.0.0.1:3020' },
  { region: 'us-east-2', url: 'http://127.0.0.1:3030' },
];
const [account, key, hold] = ['joe@bank:1_2.3-4', mintKey(), mintKey()];
const CALLS: readonly PanelCall[] = [
  { what: 'deposit', account, amount: 10n, key },
  { what: 'withdraw', account, amount: 10n, key },
  { what: 'hold', account, amount: 10n, key },
  { what: 'transfer', account, to: 'ann', amount: 10n, key },
  { what: 'capture', account, hold, key },
  { what: 'void', account, hold, key },
  { what: 'refund', account, call: hold, key },
  { what: 'status', account, debits: 'frozen', key },
  { what: 'cancel', account, key },
];

/** The words of a line as a shell hands them over. */
async function wordsOf(line: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `printf '%s\\n' ${line}`]);
  return stdout.trimEnd().split('\n');
}

test.each(CALLS)('a $what is the same call as a line of bank, with its key', async (call) => {
  const [npx, bank, what, name, ...rest] = await wordsOf(bankOf(call, USUAL));
  expect([npx, bank, what, name]).toEqual(['npx', 'bank', call.what, account]);
  expect(rest.at(-1)).toBe(key);
});

test.each(CALLS)('a $what is the same call as a line of curl, with its key', async (call) => {
  const words = await wordsOf(curlOf(call, 'http://127.0.0.1:3030'));
  expect(words[0]).toBe('curl');
  expect(words[3]).toMatch(/^http:\/\/127\.0\.0\.1:3030\/accounts\/joe(@|%40)bank(:|%3A)1_2\.3-4\//);
  expect(words.some((word) => word.endsWith(key))).toBe(true);
});

test('a bank on other ports is named in the line of bank', () => {
  const others = USUAL.map(({ region, url }) => ({ region, url: url.replace('30', '40') }));
  expect(bankOf({ what: 'deposit', account: 'joe', amount: 1n, key }, others)).toBe(
    `BANK_ENDPOINTS=us-east-1=http://127.0.0.1:4020,us-east-2=http://127.0.0.1:4030 npx bank deposit joe 1 --key ${key}`,
  );
});
