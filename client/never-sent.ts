/**
 * System calls of Node that come before a request is sent. The code of an error does not say it: a connection that was
 * open can break with EHOSTUNREACH as well, behind a request that has arrived.
 */
const SYSTEM_CALLS: ReadonlySet<string> = new Set(['getaddrinfo', 'connect']);

/** Node checks a certificate before it lets anything be sent, and names what is wrong with it as OpenSSL does. */
const CERTIFICATE =
  /^(CERT|CRL|UNABLE_TO|ERROR_IN_C|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME|ERR_TLS_CERT)/;

/**
 * What can only go wrong before both sides have agreed on TLS: something that does not speak it, or that has no version,
 * cipher, name or protocol for us. Other alerts, and resets, may come at any time.
 */
const CODES: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY',
  'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_NO_APPLICATION_PROTOCOL',
]);

/** Errors that have nothing but a message of their own: a port that `fetch` never connects to, and an end in the handshake. */
const MESSAGES: ReadonlySet<string> = new Set([
  'bad port',
  'Client network socket disconnected before secure TLS connection was established',
]);

/**
 * True when an error of `fetch` proves that the request never left. Elsewhere than in Node, as in browsers, errors do not say
 * how far it got, and count as unknown, as everything does that is not listed here.
 */
export function neverSent(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const { code = '', syscall = '', message } = error as Error & { code?: string; syscall?: string };
  if (SYSTEM_CALLS.has(syscall) || CODES.has(code) || CERTIFICATE.test(code) || MESSAGES.has(message)) {
    return true;
  }
  // A host with several addresses fails with an error for each of them.
  return error instanceof AggregateError ? error.errors.every(neverSent) : neverSent(error.cause);
}
