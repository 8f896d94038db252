import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { firstLine, LocalBankError } from './errors.ts';

/** A relative name: the whole path of a socket may have about 100 characters only. */
const SOCKET = /^in-use-[0-9]+\.sock$/;

/**
 * Claims the current folder for this process. Two DynamoDB Locals on one database file would corrupt it.
 *
 * A claim is a socket that listens, because the kernel closes it however the process ends. SIGKILL would leave a file with a
 * process id behind, and another process may have that id later. Each process first listens on a socket of its own, and then looks
 * for others: of two that start at once at least one sees the other, and no process removes a socket on which another one listens.
 */
export async function claimFolder(folder: string): Promise<void> {
  const own = `in-use-${process.pid}.sock`;
  try {
    // What a process with the same id has left behind; it is gone, since this one has the id.
    await rm(own, { force: true });
    const server = createServer((socket) => socket.destroy());
    server.listen(own);
    await once(server, 'listening');
    server.unref();
    process.once('exit', () => rmSync(own, { force: true }));
    const others = (await readdir('.')).filter((name) => SOCKET.test(name) && name !== own);
    for (const other of others) {
      if (await answers(other)) {
        server.close();
        throw new LocalBankError(
          'data_folder_in_use',
          `Another bank is running on ${folder}, or starting: quit it first, or choose another folder with --data.`,
        );
      }
      await rm(other, { force: true });
    }
  } catch (cause) {
    if (cause instanceof LocalBankError) {
      throw cause;
    }
    throw new LocalBankError(
      'data_folder_unusable',
      `Cannot claim the data folder ${folder} (${firstLine(cause)}): choose another one with --data.`,
      { cause },
    );
  }
}

async function answers(socketName: string): Promise<boolean> {
  const socket = connect(socketName);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
