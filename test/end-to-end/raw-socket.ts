import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The bytes that a server answered. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** A connection to a server, on which a test may send any bytes. A reset is no error: a client that sends garbage is cut off. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/**
 * Says bytes and gives what the server says until it closes the connection. A caller that `hangsUp` says nothing more: the
 * server closes by itself, and owes no answer to what it had not answered by then.
 */
export async function say(
  url: string,
  bytes: string | Buffer,
  { hangsUp = false }: { hangsUp?: boolean } = {},
): Promise<RawAnswer> {
  const socket = await openSocket(url);
  const received: Buffer[] = [];
  socket.on('data', (part: Buffer) => received.push(part));
  if (hangsUp) {
    socket.end(bytes);
  } else {
    socket.write(bytes);
  }
  await once(socket, 'close');
  return readAnswer(Buffer.concat(received).toString('utf8'));
}

/** A POST as it goes over the wire, to the last byte of the caller's choice. */
export function rawPost(path: string, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries({
    host: 'localhost',
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${path} HTTP/1.1`, ...lines, '', body].join('\r\n');
}

/** The status is not a number when the server answered nothing. */
function readAnswer(received: string): RawAnswer {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), body: rest.join('\r\n\r\n') };
}
