import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  loadAwsChain,
  NoCredentialsError,
  openCredentials,
  type Signing,
  signingOf,
} from '../../client/command/credentials.ts';
import type { LoadChain } from '../../client/command/process.ts';
import { CredentialFiles } from './credential-files.ts';
import { runToEnd } from './in-process.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
const NEVER = new AbortController().signal;
const FAR_FUTURE = '2999-01-01T00:00:00Z';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** Sets environment variables of this process, because the chain reads them. */
function stub(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment)) {
    vi.stubEnv(name, value);
  }
}

describe('requests are signed', () => {
  const signing = (environment: NodeJS.ProcessEnv, ...endpoints: { url: string; region?: string }[]) =>
    signingOf(endpoints, environment);
  const [A, B] = [
    { url: 'https://a.example', region: 'us-east-1' },
    { url: 'https://b.execute-api.us-east-2.amazonaws.com' },
  ];

  test('with the keys of the environment, when there are any', () => {
    expect(signing({ ...KEYS, AWS_SESSION_TOKEN: 'token' }, A, B)).toEqual({
      kind: 'keys',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
    });
    expect(signing(KEYS, A)).toEqual({
      kind: 'keys',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
  });

  test.each([
    { AWS_ACCESS_KEY_ID: 'id' },
    { AWS_SECRET_ACCESS_KEY: 'secret' },
    { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    {},
  ])('with those of the chain, when the environment has %j', (environment) => {
    expect(signing(environment, A, B)).toEqual({ kind: 'chain' });
  });

  test('not at all when an endpoint is not https, or its Region is not known and no keys ask for it', () => {
    expect(signing(KEYS, A, { url: 'http://b.example', region: 'us-east-2' })).toEqual({ kind: 'unsigned' });
    expect(signing({}, A, { url: 'https://b.example' })).toEqual({ kind: 'unsigned' });
  });
});

describe('the chain', () => {
  const open = (signing: Signing, loadChain: LoadChain, timeoutMs = 60_000, signal = NEVER) =>
    openCredentials(signing, { loadChain, timeoutMs, signal });
  const notLoaded: LoadChain = () => Promise.reject(new Error('loaded'));

  test('is loaded only when it is asked', async () => {
    expect(await open({ kind: 'unsigned' }, notLoaded)).toBeUndefined();
    const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
    const provide = await open({ kind: 'keys', credentials }, notLoaded);
    expect(await provide?.()).toEqual(credentials);
    await expect(open({ kind: 'chain' }, notLoaded)).rejects.toThrow(NoCredentialsError);
  });

  test('reads a profile', async () => {
    using files = new CredentialFiles();
    stub(files.profile());
    const provide = await open({ kind: 'chain' }, loadAwsChain);
    expect(await provide?.()).toEqual({
      accessKeyId: 'AKIDPROFILE',
      secretAccessKey: 'secret',
      sessionToken: 'token',
    });
  });

  test('remembers credentials that hold for long, and asks anew for those that do not', async () => {
    using files = new CredentialFiles();
    const lasting = files.process(FAR_FUTURE);
    stub(lasting.environment);
    const provide = await open({ kind: 'chain' }, loadAwsChain);
    await provide?.();
    expect(await provide?.()).toMatchObject({ accessKeyId: 'AKIDPROCESS', sessionToken: 'token' });
    expect(lasting.runs()).toBe(1);

    // In its last minutes, a credential is still used while the next one is fetched.
    using others = new CredentialFiles();
    const ending = others.process(new Date(Date.now() + 120_000).toISOString());
    stub(ending.environment);
    const provideEnding = await open({ kind: 'chain' }, loadAwsChain);
    const runs = async () => {
      await provideEnding?.();
      return ending.runs();
    };
    await expect.poll(runs).toBeGreaterThan(1);
  });

  test('that does not answer is given up when the time of the call is up, or the user interrupts', async () => {
    const silent: LoadChain = () =>
      Promise.resolve({ defaultProvider: () => () => new Promise(() => undefined) });
    await expect(open({ kind: 'chain' }, silent, 20)).rejects.toThrow(/did not answer within 20 ms/);

    const interruption = new AbortController();
    const opening = open({ kind: 'chain' }, silent, 60_000, interruption.signal);
    interruption.abort(new Error('interrupted'));
    await expect(opening).rejects.toThrow('interrupted');
  });

  test('that is not installed is called by its name', async () => {
    const missing: LoadChain = () =>
      Promise.reject(Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' }));
    await expect(open({ kind: 'chain' }, missing)).rejects.toThrow(
      /@aws-sdk\/credential-provider-node\. Nothing was sent\./,
    );
  });
});

describe('bank', () => {
  test('signs what it sends with what the chain found', async () => {
    const sent: string[] = [];
    vi.stubGlobal('fetch', (_url: string, { headers }: { headers: Record<string, string> }) => {
      sent.push(`${headers['authorization']} ${headers['x-amz-security-token']}`);
      return Promise.resolve(Response.json({ account: 'joe', balance: '4', held: '0' }));
    });
    const args = ['balance', 'joe', '--endpoint', 'https://a.execute-api.eu-west-1.amazonaws.com'];
    const credentials = { accessKeyId: 'AKIDCHAIN', secretAccessKey: 'secret', sessionToken: 'token' };
    const loadChain: LoadChain = () =>
      Promise.resolve({ defaultProvider: () => () => Promise.resolve(credentials) });
    expect(await runToEnd(args, { loadChain })).toEqual({ code: 0, stdout: ['4'], stderr: [] });
    expect(sent).toEqual([
      expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDCHAIN\/\d{8}\/eu-west-1\/execute-api\/aws4_request.* token$/,
      ),
    ]);
  });
});
