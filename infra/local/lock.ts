import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { firstLine, LocalBankError } from './errors.ts';

/** A relative name: the whole path of a socket may have about 100 characters only. */
const SOCKET = 'in-use.sock';

/**
 * Claims the current folder for this process. Two DynamoDB Locals on one database file would corrupt it.
 *
 * The claim is a listening socket, because the kernel lets go of it however the process ends; a file with a process id
 * would be left behind by SIGKILL, and its id may belong to something else by then.
 */
export async function claimFolder(folder: string): Promise<void> {
  try {
    await listen();
  } catch (error) {
    if (!isAddressInUse(error)) throw unusable(folder, error);
    if (await answers()) {
      throw new LocalBankError(
        'data_folder_in_use',
        `Another bank is running on ${folder}: quit it first, or choose another folder with --data.`,
      );
    }
    await rm(SOCKET, { force: true });
    await listen().catch((cause: unknown) => {
      throw unusable(folder, cause);
    });
  }
}

async function listen(): Promise<void> {
  const server: Server = createServer((socket) => socket.destroy());
  server.listen(SOCKET);
  await once(server, 'listening');
  server.unref();
  process.once('exit', () => rmSync(SOCKET, { force: true }));
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(SOCKET);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function unusable(folder: string, error: unknown): LocalBankError {
  return new LocalBankError(
    'data_folder_unusable',
    `Cannot claim the data folder ${folder} (${firstLine(error)}): choose another one with --data.`,
    { cause: error },
  );
}
