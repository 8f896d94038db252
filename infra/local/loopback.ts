import { HEADERS, OPERATIONS } from '../../client/contract/schemas.ts';

/** Headers of requests and of answers, by their names in lower case. */
type Headers = Readonly<Record<string, string>>;

/** Time that a browser may keep the answer to its preflight for: as long as a Region of one machine is likely to live. */
const PREFLIGHT_KEPT_SECONDS = 600;

/** Headers of an answer that a page may read, beside those that every page may. The client goes by each of them. */
const READABLE = [HEADERS.region, HEADERS.replayed, HEADERS.gatewayRequest, 'date', 'retry-after'];

const SENT = [
  HEADERS.idempotencyKey,
  HEADERS.timeLeftMs,
  HEADERS.replyCache,
  'content-type',
  'authorization',
  'x-amz-date',
  'x-amz-security-token',
];

/**
 * What a Region of one machine answers pages of the same machine with, so that a browser lets them call the bank.
 *
 * Only pages from the loopback interface: were every page let in, then any that a developer has open could move the
 * money of the bank they are running. (The fetch standard: https://fetch.spec.whatwg.org/#http-cors-protocol.)
 */
export function corsHeaders(origin: string | undefined): Headers {
  if (origin === undefined || !isLoopback(origin)) {
    return { vary: 'origin' };
  }
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': READABLE.join(', '),
    vary: 'origin',
  };
}

/** The answer to a preflight, or null for a request that is none. A preflight never reaches the function, as on AWS. */
export function preflightHeaders(method: string, headers: Headers): Headers | null {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
    return null;
  }
  const allowed = corsHeaders(headers['origin']);
  if (allowed['access-control-allow-origin'] === undefined) {
    return allowed;
  }
  return {
    ...allowed,
    'access-control-allow-methods': [...new Set(Object.values(OPERATIONS).map(({ method }) => method))].join(
      ', ',
    ),
    'access-control-allow-headers': SENT.join(', '),
    'access-control-max-age': String(PREFLIGHT_KEPT_SECONDS),
  };
}

/** True for the origin of a page that the machine itself serves. */
export function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) {
    return false;
  }
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

const NAMES = new Set(['127.0.0.1', 'localhost']);

/**
 * True when a request was sent to this machine by its own name. A page of elsewhere can make its own name point here, so that
 * a browser lets it read the answers (DNS rebinding); but `Host` still holds that name.
 */
export function isThisMachine(host: string | undefined): boolean {
  const url = `http://${host}`;
  return host !== undefined && URL.canParse(url) && NAMES.has(new URL(url).hostname);
}
