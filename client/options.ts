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
  /** Secret half of the key. It is never sent. */
  readonly secretAccessKey: string;
  /** Token of temporary credentials. Default: none, as for those of an IAM user. */
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
  /** AWS Region, which requests are signed for. Default: read from the host name that API Gateway gives out, else none. */
  readonly region?: string;
}

/**
 * Options of a client. Only `endpoints` is needed. Times are milliseconds from 1 to 2147483647.
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
  /** Addresses of the Regions, the preferred one first: one to eight of them, two for a bank in two Regions. */
  readonly endpoints: readonly (string | URL | EndpointOptions)[];
  /**
   * Credentials, or a function that hands out current ones before each attempt. An attempt for which it throws was not sent.
   * Default: requests are not signed.
   */
  readonly credentials?: Credentials | (() => Credentials | Promise<Credentials>);
  /** Longest time for a call with all its attempts, in milliseconds. Default 10000. */
  readonly callTimeoutMs?: number;
  /** Longest time for one attempt, in milliseconds: what a frozen Region costs, once. Default 2000, room for a cold start. */
  readonly attemptTimeoutMs?: number;
  /** Most attempts in one call. Default 100: the deadline ends a call long before, unless the waits were set very short. */
  readonly maxAttempts?: number;
  /** Waits after every endpoint has failed. The first failover never waits. Default: up to 50 ms, doubling up to 1000 ms. */
  readonly backoff?: Partial<BackoffOptions>;
  /**
   * Sends the call to the next Region as well when the first has not answered for this long, in milliseconds. Safe,
   * because both attempts carry the same key. Default: not at all.
   */
  readonly hedgeAfterMs?: number;
  /**
   * How long to stay away from the preferred endpoint before it is asked whether it is healthy, in milliseconds. Then one call
   * tries it, and the others follow when it was answered there; each trial that fails doubles the wait, up to 16 times as long.
   * Default 5000.
   */
  readonly probeIntervalMs?: number;
  /**
   * Most calls under way at one endpoint; during a failover, as many again may come from another endpoint. Further calls
   * wait in the order in which they were made. Waiting counts against `callTimeoutMs` and not against `attemptTimeoutMs`, and
   * a call that waits until its time is up ends as {@link UnavailableError}: it was not sent. In Node each takes a connection.
   * A browser opens 6 connections to a host over HTTP/1.1, so give 6 in a page without HTTP/2. From 1 to 10000. Default 16.
   */
  readonly maxInFlight?: number;
  /** Receives what the client does, as events. Default: none. */
  readonly onEvent?: BankEventListener;
  /** Network, clocks and chance. Default: those of the platform. */
  readonly environment?: Partial<Environment>;
}

/** Options with nothing left open. */
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
  readonly onEvent: BankEventListener;
  readonly environment: Environment;
}

const MAX_ENDPOINTS = 8;
/** More connections than this to one address are never a help, and a process is seldom allowed them. */
const MAX_IN_FLIGHT = 10_000;
/** The longest delay that a JavaScript timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Fills in the defaults. Throws {@link InvalidArgumentError} when an option cannot be used. */
export function resolveOptions(options: BankClientOptions): ResolvedOptions {
  const { credentials } = options;
  const [first, ...others] = options.endpoints.map(resolveEndpoint);
  if (first === undefined || others.length >= MAX_ENDPOINTS) {
    throw new InvalidArgumentError(`endpoints: give 1 to ${MAX_ENDPOINTS} URLs, the preferred one first`);
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
    onEvent: isolate(options.onEvent ?? (() => {})),
    environment: withOwn(options.environment ?? {}),
  };
}

/** Fills an environment up. Whether its fetch sends once is asked each time: the one of the runtime may be wrapped later. */
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
  if (typeof valueMs === 'number' && valueMs > 0 && valueMs <= MAX_TIMER_MS) {
    return valueMs;
  }
  throw unusable(name, `a number of milliseconds from 1 to ${MAX_TIMER_MS}`, valueMs);
}

/** Checks a number of things. */
export function count(name: string, value: unknown, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) {
    return value;
  }
  throw unusable(name, `a whole number from 1 to ${most}`, value);
}

function unusable(name: string, wanted: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`${name}: ${wanted}, not ${String(value)} (${typeof value})`);
}

function resolveEndpoint(endpoint: string | URL | EndpointOptions): Endpoint {
  const { url: address, region } =
    typeof endpoint === 'string' || endpoint instanceof URL ? { url: endpoint } : endpoint;
  const url = URL.canParse(String(address)) ? new URL(address) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search ||
    url.hash ||
    url.username ||
    url.password
  ) {
    throw new InvalidArgumentError(
      `endpoints: ${JSON.stringify(String(address))} is not a plain http or https URL`,
    );
  }
  const knownRegion = region ?? /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(url.hostname)?.[1];
  return { url: url.href.replace(/\/+$/, ''), region: knownRegion, name: knownRegion ?? url.host };
}

function requireRegions(endpoints: readonly Endpoint[]): void {
  const nameless = endpoints.find(({ region }) => region === undefined);
  if (nameless !== undefined) {
    throw new InvalidArgumentError(
      `endpoints: to sign requests for ${nameless.url} its Region must be given: { url, region: 'eu-west-1' }`,
    );
  }
}
