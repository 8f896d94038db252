import type { BackoffOptions } from './backoff.ts';
import { type Environment, platform } from './environment.ts';
import { InvalidArgumentError } from './errors.ts';
import { type BankEventListener, isolate } from './events.ts';
import type { Endpoint } from './failure.ts';

/**
 * AWS credentials that sign requests (Signature Version 4, for `execute-api`).
 *
 * @example
 * ```ts
 * const credentials: Credentials = { accessKeyId, secretAccessKey, sessionToken };
 * ```
 */
export interface Credentials {
  /** Public half of the key, such as `AKIA...` or `ASIA...`. */
  readonly accessKeyId: string;
  /** Secret half of the key. The client does not send it. */
  readonly secretAccessKey: string;
  /** Session token of temporary credentials. Default: none, as for the credentials of an IAM user. */
  readonly sessionToken?: string;
}

/**
 * One Region's address.
 *
 * @example
 * ```ts
 * const endpoint: EndpointOptions = { url: 'https://bank.example.org', region: 'eu-west-1' };
 * ```
 */
export interface EndpointOptions {
  /** Base URL of the Region's HTTP API: http or https, without query, fragment, user or password. */
  readonly url: string | URL;
  /** AWS Region that requests are signed for. Default: the Region in the host name, if it is one of API Gateway. */
  readonly region?: string;
}

/**
 * Options of a client. Only `endpoints` is required. Times are milliseconds from 1 to 2147483647.
 *
 * @example
 * ```ts
 * const options: BankClientOptions = {
 *   endpoints: ['http://127.0.0.1:3020', 'http://127.0.0.1:3030'],
 *   attemptTimeoutMs: 1000,
 *   onEvent: (event) => console.debug(event.type),
 * };
 * ```
 */
export interface BankClientOptions {
  /** Addresses of the Regions, from 1 to 8, the preferred one first. A bank in two Regions has two. */
  readonly endpoints: readonly (string | URL | EndpointOptions)[];
  /**
   * Credentials, or a function that returns the current ones before each attempt. If it throws, the attempt is not sent. Default: requests
   * are not signed.
   */
  readonly credentials?: Credentials | (() => Credentials | Promise<Credentials>);
  /** Longest time for a call with all its attempts, in milliseconds. Default 10000. */
  readonly callTimeoutMs?: number;
  /** Longest time for one attempt, in milliseconds: a Region that hangs costs this time once. Default 2000, enough for a cold start. */
  readonly attemptTimeoutMs?: number;
  /** Most attempts in one call. Default 100: usually `callTimeoutMs` ends the call long before. */
  readonly maxAttempts?: number;
  /** How long to wait when every endpoint has failed. The first failover never waits. Default: up to 50 ms, doubling up to 1000 ms. */
  readonly backoff?: Partial<BackoffOptions>;
  /**
   * If the first Region has not answered after this time, in milliseconds, the call is sent to the next Region as well. This is safe,
   * because both attempts have the same key. Default: it is not sent.
   */
  readonly hedgeAfterMs?: number;
  /**
   * After a failover, how long to wait before the client checks the health of the preferred endpoint, in milliseconds. If it is healthy,
   * one call tries it, and the others follow if that call is answered. Each trial that fails doubles the wait, up to 16 times this time.
   * Default 5000.
   */
  readonly probeIntervalMs?: number;
  /**
   * Most calls under way at one endpoint, from 1 to 10000. During a failover, as many again may come from another endpoint. Further calls
   * wait in the order in which they were made. Waiting counts against `callTimeoutMs` and not against `attemptTimeoutMs`. A call that waits
   * until its time is up was not sent, and throws {@link UnavailableError}. In Node, each call needs a connection of its own. A browser
   * opens 6 connections to a host over HTTP/1.1, so set 6 in a web page without HTTP/2. Default 16.
   */
  readonly maxInFlight?: number;
  /**
   * True to send deposits and withdrawals of one account together, up to 25 in one request, while an earlier request of that account is
   * under way, for at most `attemptTimeoutMs`. Each call keeps its own key, answer, error and time limit; calls that wait have no order. An
   * account that many calls use at once then takes many more of them a second. The credentials need the permission for `batch`. Default
   * false.
   */
  readonly batchCalls?: boolean;
  /** Called with an event for each thing that the client does. Default: none. */
  readonly onEvent?: BankEventListener;
  /** Network, clocks and random numbers. Default: those of the platform. */
  readonly environment?: Partial<Environment>;
}

/** The options with all defaults filled in. */
export interface ResolvedOptions {
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly credentials: (() => Credentials | Promise<Credentials>) | undefined;
  readonly callTimeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly maxAttempts: number;
  readonly backoff: BackoffOptions;
  readonly hedgeAfterMs: number | undefined;
  readonly probeIntervalMs: number;
  readonly maxInFlight: number;
  readonly batchCalls: boolean;
  readonly onEvent: BankEventListener;
  readonly environment: Environment;
}

const MAX_ENDPOINTS = 8;
/** More connections to one address do not help, and most processes may not open more. */
const MAX_IN_FLIGHT = 10_000;
/** The longest delay of a JavaScript timer. With a longer one, it would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Fills in the defaults. Throws {@link InvalidArgumentError} if an option is not valid. */
export function resolveOptions(options: BankClientOptions): ResolvedOptions {
  const { credentials } = options;
  const [first, ...others] = Array.isArray(options.endpoints) ? options.endpoints.map(resolveEndpoint) : [];
  if (first === undefined || others.length >= MAX_ENDPOINTS) {
    throw new InvalidArgumentError(`endpoints must be 1 to ${MAX_ENDPOINTS} URLs, the preferred one first`);
  }
  const endpoints: readonly [Endpoint, ...Endpoint[]] = [first, ...others];
  if (credentials !== undefined) {
    requireRegions(endpoints);
  }
  return {
    endpoints,
    credentials:
      typeof credentials === 'function' || credentials === undefined ? credentials : () => credentials,
    callTimeoutMs: duration('callTimeoutMs', options.callTimeoutMs ?? 10_000),
    attemptTimeoutMs: duration('attemptTimeoutMs', options.attemptTimeoutMs ?? 2000),
    maxAttempts: count('maxAttempts', options.maxAttempts ?? 100),
    backoff: {
      baseMs: duration('backoff.baseMs', options.backoff?.baseMs ?? 50),
      capMs: duration('backoff.capMs', options.backoff?.capMs ?? 1000),
    },
    hedgeAfterMs:
      options.hedgeAfterMs === undefined ? undefined : duration('hedgeAfterMs', options.hedgeAfterMs),
    probeIntervalMs: duration('probeIntervalMs', options.probeIntervalMs ?? 5000),
    maxInFlight: count('maxInFlight', options.maxInFlight ?? 16, MAX_IN_FLIGHT),
    batchCalls: flag('batchCalls', options.batchCalls ?? false),
    onEvent: isolate(options.onEvent ?? (() => {})),
    environment: withOwn(options.environment ?? {}),
  };
}

/** Fills in the defaults. `sendsOnce` is computed at each use, because a program may wrap the `fetch` of the runtime later. */
function withOwn(given: Partial<Environment>): Environment {
  const { sendsOnce } = given;
  return {
    ...platform,
    ...given,
    get sendsOnce() {
      return sendsOnce ?? (given.fetch === undefined && platform.sendsOnce);
    },
  };
}

/** Checks a time limit. */
export function duration(name: string, valueMs: unknown): number {
  if (typeof valueMs === 'number' && valueMs >= 1 && valueMs <= MAX_TIMER_MS) {
    return valueMs;
  }
  throw invalid(name, `a number of milliseconds from 1 to ${MAX_TIMER_MS}`, valueMs);
}

/** Checks a number of things. */
export function count(name: string, value: unknown, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) {
    return value;
  }
  throw invalid(name, `a whole number from 1 to ${most}`, value);
}

/** Checks an option that is on or off. */
function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') {
    return value;
  }
  throw invalid(name, 'true or false', value);
}

function invalid(name: string, expected: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`${name} must be ${expected}; got ${String(value)} (${typeof value})`);
}

function resolveEndpoint(endpoint: string | URL | EndpointOptions): Endpoint {
  const { url: address, region } =
    typeof endpoint === 'string' || endpoint instanceof URL ? { url: endpoint } : (endpoint ?? { url: '' });
  const url = URL.canParse(String(address)) ? new URL(address) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search ||
    url.hash ||
    url.username ||
    url.password
  ) {
    // Messages are logged, and a password must not be.
    const shown = String(address)
      .replace(/\/\/.*@/s, '//***@')
      .replace(/\?.*/s, '?***');
    throw new InvalidArgumentError(`endpoints: ${JSON.stringify(shown)} is not a plain http or https URL`);
  }
  const knownRegion = region ?? /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(url.hostname)?.[1];
  return { url: url.href.replace(/\/+$/, ''), region: knownRegion, name: knownRegion ?? url.host };
}

function requireRegions(endpoints: readonly Endpoint[]): void {
  const unknown = endpoints.find(({ region }) => region === undefined);
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `endpoints: to sign requests for ${unknown.url}, give its Region: { url, region: 'eu-west-1' }`,
    );
  }
}
