import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { listen } from './dead-endpoints.ts';

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
export interface TlsEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly requests: () => number;
}

/** A server that speaks TLS, and closes each connection on which it was asked something. */
export function startTls(options: TlsOptions = {}): Promise<TlsEndpoint> {
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
export function startSaying(bytes: string | Buffer): Promise<TlsEndpoint> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  });
  return endpointOf(server, () => 0);
}

/** A server that speaks TLS, with something in between that breaks into a connection in plain text once a request has arrived. */
export async function startBrokenInto(options: TlsOptions): Promise<TlsEndpoint> {
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
