import { createServer, type Server } from 'node:net';

/** Two ports of the loopback interface that nothing listens on. Both are held at once, so that they differ. */
export async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all([hold(), hold()]);
  const [first, second] = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [first ?? 0, second ?? 0];
}

function hold(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
