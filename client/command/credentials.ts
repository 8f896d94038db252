import { platform } from '../environment.ts';
import {
  type BankClientOptions,
  type Credentials,
  type EndpointOptions,
  resolveOptions,
} from '../options.ts';
import { limitAttempt } from '../timers.ts';
import type { Common } from './arguments.ts';
import { messageOf } from './describe.ts';
import type { CommandProcess, LoadChain } from './process.ts';

/** Loads the chain. It is large, and keys in the environment do not need it. */
export const loadAwsChain: LoadChain = () => import('@aws-sdk/credential-provider-node');

/** How to reach the bank: options of every client. */
export type Connection = Pick<BankClientOptions, 'endpoints' | 'credentials' | 'environment'>;

/** Finds the credentials, and returns the options of a client. Throws {@link NoCredentialsError}. */
export async function connect(
  { endpoints, timeoutMs }: Pick<Common, 'endpoints' | 'timeoutMs'>,
  { environment, loadChain, signal, world }: CommandProcess,
): Promise<Connection> {
  const signing = signingOf(endpoints, environment);
  const credentials = await openCredentials(signing, { loadChain, timeoutMs, signal });
  return { endpoints, environment: world, ...(credentials === undefined ? {} : { credentials }) };
}

/** How requests are signed. */
export type Signing =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'keys'; readonly credentials: Credentials }
  /** With credentials from AWS's chain: profiles, single sign-on, web identity, containers, instances, processes. */
  | { readonly kind: 'chain' };

/** There are no credentials. Nothing was sent. */
export class NoCredentialsError extends Error {
  override readonly name = 'NoCredentialsError';
  readonly code = 'no_credentials';

  constructor(reason: string, options?: ErrorOptions) {
    const text = reason.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
    super(
      `${text}. Nothing was sent. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in.`,
      options,
    );
  }
}

/** The metadata service of an instance answers within milliseconds. On a laptop there is none. */
const CHAIN_OPTIONS = { maxRetries: 0, timeout: 1000 } as const;

/**
 * Decides how requests are signed. If an endpoint is not https, they are not signed: credentials for AWS must not go anywhere else.
 */
export function signingOf(endpoints: readonly EndpointOptions[], environment: NodeJS.ProcessEnv): Signing {
  const resolved = resolveOptions({ endpoints }).endpoints;
  if (!resolved.every(({ url }) => url.startsWith('https:'))) {
    return { kind: 'unsigned' };
  }
  const credentials = keysOf(environment);
  if (credentials !== undefined) {
    return { kind: 'keys', credentials };
  }
  return { kind: resolved.every(({ region }) => region !== undefined) ? 'chain' : 'unsigned' };
}

/** Credentials in environment variables. */
function keysOf(environment: NodeJS.ProcessEnv): Credentials | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) {
    return undefined;
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/**
 * Returns a function that gives a client the credentials for each attempt; undefined if requests are not signed. It first waits until the
 * chain has found credentials, so that no call begins that can never be sent. The chain keeps them until shortly before they expire.
 *
 * Throws {@link NoCredentialsError}, also if the chain does not answer in time.
 */
export async function openCredentials(
  signing: Signing,
  { loadChain, timeoutMs, signal }: Pick<CommandProcess, 'loadChain' | 'signal'> & Pick<Common, 'timeoutMs'>,
): Promise<(() => Promise<Credentials>) | undefined> {
  switch (signing.kind) {
    case 'unsigned':
      return undefined;
    case 'keys':
      return () => Promise.resolve(signing.credentials);
    case 'chain': {
      const limit = limitAttempt(timeoutMs, platform, signal);
      try {
        return await limit.unlessEnded(openChain(loadChain));
      } catch (cause) {
        signal.throwIfAborted();
        throw new NoCredentialsError(
          limit.signal.aborted
            ? `The credentials chain did not answer within ${timeoutMs} ms`
            : reasonOf(cause),
          { cause },
        );
      } finally {
        limit.release();
      }
    }
  }
}

async function openChain(loadChain: LoadChain): Promise<() => Promise<Credentials>> {
  const { defaultProvider } = await loadChain();
  const chain = defaultProvider(CHAIN_OPTIONS);
  const provide = async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await chain();
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  };
  await provide();
  return provide;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND') {
    return 'To use credentials from outside the environment, install the package @aws-sdk/credential-provider-node';
  }
  return `The AWS credentials chain found no credentials: ${messageOf(cause)}`;
}
