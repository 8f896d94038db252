/**
 * System calls of Node that come before a request is sent. The code of the error is not enough: an open connection can also break with
 * EHOSTUNREACH, after a request has arrived.
 */
const SYSTEM_CALLS: ReadonlySet<string> = new Set(['getaddrinfo', 'connect']);

/** Node checks the certificate before it sends anything. Its error codes are those of OpenSSL. */
const CERTIFICATE =
  /^(CERT|CRL|UNABLE_TO|ERROR_IN_C|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME|ERR_TLS_CERT)/;

/**
 * Errors that come only before the TLS handshake is complete: the other side does not speak TLS, or there is no common version, cipher,
 * name or protocol. Other alerts and resets may come at any time.
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

/** Errors that can only be known by their message: a port that `fetch` refuses to connect to, and the end of a handshake. */
const MESSAGES: ReadonlySet<string> = new Set([
  'bad port',
  'Client network socket disconnected before secure TLS connection was established',
]);

/**
 * True if an error of `fetch` proves that the request was never sent. Everything that is not listed here counts as unknown: so do all
 * errors outside of Node, such as those of browsers, because they do not say how far the request got.
 */
export function neverSent(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const { code = '', syscall = '', message } = error as Error & { code?: string; syscall?: string };
  if (SYSTEM_CALLS.has(syscall) || CODES.has(code) || CERTIFICATE.test(code) || MESSAGES.has(message)) {
    return true;
  }
  // If a host has several addresses, there is an error for each of them.
  return error instanceof AggregateError
    ? error.errors.length > 0 && error.errors.every(neverSent)
    : neverSent(error.cause);
}
