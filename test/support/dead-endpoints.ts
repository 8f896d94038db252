import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** The address of a port on which no process listens. */
export async function refusingUrl(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  server.close();
  await once(server, 'close');
  return url;
}

/** A port that accepts connections and resets each of them before a byte was sent. */
export async function startResetting(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((socket) => socket.resetAndDestroy());
  const url = await listen(server);
  return { url, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Listens on a port, by default one that the system chooses, and returns the address. */
export async function listen(server: Server, port = 0): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops an HTTP server: cuts its connections, and refuses new ones. */
export function stopServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
