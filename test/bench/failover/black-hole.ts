import { connect, type Socket } from 'node:net';
import { FailoverError } from './errors.ts';

/** Many times what a connection takes on one machine, and less than the second after which a SYN is sent again. */
const HANGS_AFTER_MS = 300;
/** More than any backlog of a relay. */
const MAX_CONNECTIONS = 256;

/**
 * Opens connections to a port whose server accepts none, until the next one hangs.
 *
 * From then on the port is a black hole to whoever connects: Linux takes connections for a server that does not accept,
 * up to its backlog, and then drops each further SYN without a word. That is what is dropped. The packets of connections
 * that were open before are not: the system still acknowledges what is sent on them, into a buffer that nobody reads, so
 * that to the sender, too, nothing ever comes back; and when the server goes on, it reads them, as packets do arrive
 * that were sent again. Throws when no connection hangs, because then this is no black hole.
 */
export async function fillBacklog(port: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < MAX_CONNECTIONS) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    if (!(await connects(socket))) return sockets;
  }
  for (const socket of sockets) socket.destroy();
  throw new FailoverError(
    'black_hole_leaks',
    `Port ${port} still takes connections after ${MAX_CONNECTIONS}, so packets cannot be dropped on this system.`,
  );
}

/** Whether a connection is made in time. One that is refused or reset is neither made nor dropped. */
export function connects(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), HANGS_AFTER_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
