import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { compile } from '../../infra/local/compile.ts';

test('one process can compile a program several times at once, as a run does that starts two Regions', async () => {
  const program = new URL('../../infra/local/serve.ts', import.meta.url);
  const [file = '', ...others] = await Promise.all([1, 2, 3, 4].map(() => compile(program)));
  expect(new Set([file, ...others]).size).toBe(1);
  await promisify(execFile)(process.execPath, ['--check', file]);
});
