import { platform } from '../environment.ts';
import {
  type BankClientOptions,
  type Credentials,
  type EndpointOptions,
  resolveOptions,
} from '../options.ts';
import { limitAttempt, unlessAborted } from '../timers.ts';
import type { Common } from './arguments.ts';
import type { CommandProcess } from './process.ts';

/** What is used of AWS's own credentials chain. */
interface ChainModule {
  readonly defaultProvider: (options: {
    readonly maxRetries: number;
    readonly timeout: number;
  }) => () => Promise<Credentials>;
}
export type LoadChain = () => Promise<ChainModule>;

/** Loads the chain only when it is needed: it is large, and keys in the environment need none. */
export const loadAwsChain: LoadChain = () => import('@aws-sdk/credential-provider-node');

/** How to reach the bank: options for every client. */
export type Connection = Pick<BankClientOptions, 'endpoints' | 'credentials' | 'environment'>;

/** Finds out how to reach the bank. Throws {@link NoCredentialsError}. */
export async function connect(
  { endpoints, timeoutMs }: Pick<Common, 'endpoints' | 'timeoutMs'>,
  { environment, loadChain, signal, world }: CommandProcess,
): Promise<Connection> {
  const signing = signingOf(endpoints, environment);
  const credentials = await openCredentials(signing, { loadChain, timeoutMs, signal });
  return { endpoints, environment: world, ...(credentials === undefined ? {} : { credentials }) };
}

/** How requests to some endpoints are signed. */
export type Signing =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'keys'; readonly credentials: Credentials }
  /** AWS's own chain knows: profiles, single sign-on, web identity, containers, instances, processes. */
  | { readonly kind: 'chain' };

/** There is nothing to sign with. Nothing was sent. */
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

/** An instance's metadata answers within milliseconds or, on a laptop, not at all. */
const CHAIN_OPTIONS = { maxRetries: 0, timeout: 1000 } as const;

/**
 * Decides how requests are signed. Unless every endpoint is https they are not: credentials that were meant for AWS go
 * nowhere else.
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

/** Credentials that the environment itself holds. */
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
 * Opens the credentials, for a client to ask before each attempt; undefined when nothing is to be signed. The chain has
 * found some by then, so that a call is not begun which could never be sent. It remembers them until shortly before they
 * expire.
 *
 * Throws {@link NoCredentialsError}, also when the chain does not answer within its time.
 */
export async function openCredentials(
  signing: Signing,
  {
    loadChain,
    timeoutMs,
    signal,
  }: {
    readonly loadChain: LoadChain;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<(() => Promise<Credentials>) | undefined> {
  switch (signing.kind) {
    case 'unsigned':
      return undefined;
    case 'keys':
      return () => Promise.resolve(signing.credentials);
    case 'chain': {
      const limit = limitAttempt(timeoutMs, platform, signal);
      try {
        return await unlessAborted(openChain(loadChain), limit.signal);
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
    return 'Other credentials than those in the environment take the package @aws-sdk/credential-provider-node, which is not installed';
  }
  return `The credentials chain found none: ${cause instanceof Error ? cause.message : String(cause)}`;
}
