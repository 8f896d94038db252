import { execFile } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCommand, runBank } from '../support/bank-command.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { CredentialFiles } from './credential-files.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const KEYS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };

beforeAll(buildCommand);

/** An https endpoint that refuses every connection. The requests to it are signed, but never sent. */
async function secureEndpoint(): Promise<string[]> {
  return ['--endpoint', `us-east-1=${(await refusingUrl()).replace('http:', 'https:')}`];
}

describe('bank, as a program,', () => {
  test('signs with a profile', async () => {
    using files = new CredentialFiles();
    const { code, stderr } = await runBank(
      ['balance', 'joe', '-v', '--timeout-ms', '2000', ...(await secureEndpoint())],
      files.profile(),
    );
    expect({ code, first: stderr[0] }).toEqual({
      code: 5,
      first: expect.stringMatching(/^us-east-1 {2}cannot connect +[\d,]+ ms$/),
    });
  });

  test('ends with 2 when there are no credentials, and sends nothing', async () => {
    using files = new CredentialFiles();
    const args = ['deposit', 'joe', '10', ...(await secureEndpoint())];
    const { code, stdout, stderr } = await runBank(args, files.nothing);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toEqual([
      expect.stringMatching(
        /^bank: no credentials: The AWS credentials chain found no credentials: .*\. Nothing was sent\. Set AWS_PROFILE/,
      ),
    ]);
    const [line = ''] = (await runBank([...args, '--json'], files.nothing)).stderr;
    expect(JSON.parse(line)).toMatchObject({ event: 'error', code: 'no_credentials' });
  });

  test('does without the chain where that is not installed', async () => {
    using files = new CredentialFiles();
    const { folder } = files;
    cpSync(join(PROJECT, 'client/command/bin'), join(folder, 'bin'), { recursive: true });
    cpSync(join(PROJECT, 'client/command/dist'), join(folder, 'dist'), { recursive: true });
    const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'client/command/package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      cpSync(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
    }
    const endpoint = await secureEndpoint();
    const installed = (environment: NodeJS.ProcessEnv) =>
      new Promise<{ code: unknown; stderr: string }>((resolve) => {
        const args = [join(folder, 'bin/bank.js'), 'balance', 'joe', '--timeout-ms', '1000', ...endpoint];
        execFile(process.execPath, args, { env: environment }, (error, _, stderr) =>
          resolve({ code: error?.code, stderr }),
        );
      });
    expect(await installed({})).toEqual({
      code: 2,
      stderr: expect.stringMatching(/@aws-sdk\/credential-provider-node\./),
    });
    expect(await installed(KEYS)).toEqual({
      code: 5,
      // Signed with these keys: on a busy machine, the last attempt may have no time left.
      stderr: expect.stringMatching(/us-east-1: (cannot connect|timed out)/),
    });
  });

  test('does not wait for a program that prints no credentials', async () => {
    using files = new CredentialFiles();
    const { code, stderr } = await runBank(
      ['balance', 'joe', '--timeout-ms', '300', ...(await secureEndpoint())],
      files.processOf('cat'),
    );
    expect(code).toBe(2);
    expect(stderr).toEqual([expect.stringMatching(/did not answer within 300 ms\. Nothing was sent\./)]);
  });
});
