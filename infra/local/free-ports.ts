import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** Two ports of the loopback interface that nothing listens on. Both are held at once, so that they differ. */
export async function freePorts(): Promise<[number, number]> {
  const [one, other] = await Promise.all([hold(), hold()]);
  const ports: [number, number] = [portOf(one), portOf(other)];
  await Promise.all([one, other].map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function hold(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
