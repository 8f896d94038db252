import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, vi } from 'vitest';
import { listen } from '../support/dead-endpoints.ts';
import { test } from '../support/two-regions.ts';

/** Of a test's own: self-signed, for 127.0.0.1, until 2126. */
const IDENTITY = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtonqzd3X7hJHQsby
rjYqFkOz4oPpAMoJ+HWLCaiSWsqhRANCAASDTAKJPH5T/gcNJXMDzIyd3uiZrVv9
fpHYxHiyHBDMFe8IRbecpDTUvlBDG9JGEMMuNkM5s96KGkEgC3Tg3avX
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUBTQep2rt5GcY04FVzd0rzAZM9xwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyNjIzNTMwM1oYDzIxMjYxMTAy
MjM1MzAzWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASDTAKJPH5T/gcNJXMDzIyd3uiZrVv9fpHYxHiyHBDMFe8IRbecpDTU
vlBDG9JGEMMuNkM5s96KGkEgC3Tg3avXo2QwYjAdBgNVHQ4EFgQUx6YRPtmpCJBo
I19QXOHUKYuf4LgwHwYDVR0jBBgwFoAUx6YRPtmpCJBoI19QXOHUKYuf4LgwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IQCDTk/oKXbK2dKYXqeNXMqMaBxghaAsejY3PpI3BsvkoQIgXR45vKsXri5gsWXL
BgGOLUzYNV3vprU0CGPYd8EKzKA=
-----END CERTIFICATE-----`,
};

/** An https address, and how many requests arrived there. */
interface TlsEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly requests: () => number;
}

/** A server that speaks TLS, and closes each connection on which it was asked something. */
function startTls(options: TlsOptions = {}): Promise<TlsEndpoint> {
  let requests = 0;
  const server = createTlsServer({ ...IDENTITY, ...options }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      requests += 1;
      socket.destroy();
    });
  });
  // A handshake that fails is what the test is about.
  server.on('tlsClientError', () => {});
  return endpointOf(server, () => requests);
}

/** A server that answers the first bytes of a handshake with bytes of its own, and says no more. */
function startSaying(bytes: string | Buffer): Promise<TlsEndpoint> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  });
  return endpointOf(server, () => 0);
}

/** A server that speaks TLS, with something in between that breaks into a connection in plain text once a request has arrived. */
async function startBrokenInto(options: TlsOptions): Promise<TlsEndpoint> {
  let requests = 0;
  let caller: Socket | undefined;
  const inner = createTlsServer({ ...IDENTITY, ...options }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      requests += 1;
      caller?.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
  });
  await once(inner.listen(0, '127.0.0.1'), 'listening');
  const outer = createServer((socket) => {
    caller = socket;
    const onward = connect((inner.address() as AddressInfo).port, '127.0.0.1');
    for (const end of [socket, onward]) {
      end.on('error', () => {});
    }
    socket.pipe(onward);
    onward.on('data', (bytes) => socket.write(bytes));
  });
  outer.on('close', () => inner.close());
  return endpointOf(outer, () => requests);
}

async function endpointOf(server: Server, requests: () => number): Promise<TlsEndpoint> {
  const url = await listen(server);
  return {
    url: url.replace('http:', 'https:'),
    requests,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A fatal TLS alert, as it is sent before encryption begins. */
const alert = (description: number) => Buffer.from([0x15, 3, 3, 0, 2, 2, description]);

const NEVER_SENT: readonly { name: string; start: () => Promise<TlsEndpoint> }[] = [
  { name: 'shows a certificate that no authority has signed', start: () => startTls() },
  {
    name: 'speaks an old version of TLS only',
    start: () => startTls({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
  },
  { name: 'has no cipher in common', start: () => startSaying(alert(40)) },
  { name: 'does not know the name of the host', start: () => startSaying(alert(112)) },
  { name: 'speaks HTTP without TLS', start: () => startSaying('HTTP/1.1 400 Bad Request\r\n\r\n') },
  { name: 'hangs up in the middle of the handshake', start: () => startSaying('') },
];

describe('a call certainly was not executed', () => {
  test.for(NEVER_SENT)('when the endpoint $name', async ({ start }, { regions }) => {
    await using endpoint = await start();

    const call = regions.client({ endpoints: [endpoint.url], maxAttempts: 2 }).deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({
      code: 'unavailable',
      failures: Array(2).fill({ reason: 'cannot_connect', executed: 'no' }),
    });
    expect(endpoint.requests()).toBe(0);
  });

  test('when `fetch` never connects to the port', async ({ regions }) => {
    const call = regions.client({ endpoints: ['http://127.0.0.1:1'], maxAttempts: 2 }).deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.for([
    'CERT_NOT_YET_VALID',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_GET_ISSUER_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('when the certificate is turned down with %s', async (code, { regions }) => {
    const fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) }));
    const call = regions
      .client({ environment: { fetch, sendsOnce: true }, maxAttempts: 2 })
      .deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a call may have been executed', () => {
  test.for(['TLSv1.2', 'TLSv1.3'] as const)(
    'when plain text breaks into a connection of %s on which it was sent',
    async (version, { regions }) => {
      await using endpoint = await startBrokenInto({ minVersion: version, maxVersion: version });
      // The certificate of the endpoint is self-signed. Node reads this variable at each connection.
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');

      const call = regions.client({ endpoints: [endpoint.url], maxAttempts: 2 }).deposit('joe', 10n);

      await expect(call).rejects.toMatchObject({ code: 'outcome_unknown' });
      expect(endpoint.requests()).toBe(2);
    },
  );

  test.for([
    // These come from the operating system and not from TLS, also after a request has arrived.
    { name: 'resets the handshake', code: 'ECONNRESET' },
    // A server may send these alerts at any time.
    { name: 'has an internal error', code: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR' },
    { name: 'cannot read what was encrypted', code: 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC' },
    { name: 'closes an open connection', code: 'UND_ERR_SOCKET' },
  ])('when the endpoint $name', async ({ code }, { regions }) => {
    const fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) }));
    const call = regions
      .client({ environment: { fetch, sendsOnce: true }, maxAttempts: 2 })
      .deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown' });
  });

  test('when a fetch that collects errors has none that says why', async ({ regions }) => {
    const fetch = () => Promise.reject(new AggregateError([]));
    const client = regions.client({ environment: { fetch, sendsOnce: true }, maxAttempts: 2 });

    await expect(client.deposit('joe', 10n)).rejects.toMatchObject({ code: 'outcome_unknown' });
  });
});
