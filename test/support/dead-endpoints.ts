import { type AddressInfo, createServer, type Server } from 'node:net';

/** The address of a port on which no process listens. */
export async function refusingUrl(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** A port that accepts connections and resets each of them before a byte was sent. */
export async function startResetting(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((socket) => socket.resetAndDestroy());
  const url = await listen(server);
  return { url, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Listens on a port that the system chooses. */
export function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}
