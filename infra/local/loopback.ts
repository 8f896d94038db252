import type { Server } from 'node:http';
import { CORS } from '../cors.ts';
import { LocalBankError } from './errors.ts';

/** Headers of requests and of answers, by their names in lower case. */
type Headers = Readonly<Record<string, string>>;

/** Listens on the loopback interface. Throws `port_taken`, with this message, when something else listens there. */
export function listenOn(server: Server, port: number, takenMessage: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new LocalBankError('port_taken', takenMessage) : error),
    );
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
}

/**
 * What a Region of one machine answers pages of the same machine with, so that a browser lets them call the bank.
 *
 * Only pages from the loopback interface: were every page let in, then any that a developer has open could move the
 * money of the bank they are running.
 */
export function corsHeaders(origin: string | undefined): Headers {
  if (origin === undefined || isForeign(origin)) {
    return { vary: 'origin' };
  }
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': CORS.readable.join(', '),
    vary: 'origin',
  };
}

/**
 * True for a request of a page that may not call. Without CORS headers a browser only hides the answer from such a page: a request that
 * needs no preflight, such as a batch sent as `text/plain`, would still be executed.
 */
export function isForeign(origin: string | undefined): boolean {
  return origin !== undefined && !isLoopback(origin);
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
    'access-control-allow-methods': CORS.methods.join(', '),
    'access-control-allow-headers': CORS.sent.join(', '),
    'access-control-max-age': String(CORS.keptSeconds),
  };
}

/**
 * True when a request was sent to this machine by its own name. A page of elsewhere can make its own name point here, so that
 * a browser lets it read the answers (DNS rebinding); but `Host` still holds that name.
 */
export function isThisMachine(host: string | undefined): boolean {
  return host !== undefined && isLoopback(`http://${host}`);
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.has(new URL(url).hostname);
}
