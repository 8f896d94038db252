import { access, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDB } from './database.ts';
import { startDynamoDB } from './dynamodb.ts';
import { firstLine, LocalBankError, toLocalBankError } from './errors.ts';
import type { KeeperInput, KeeperMessage, KeeperReady } from './keeper.ts';
import { claimFolder } from './lock.ts';
import type { FirstMessage } from './process.ts';

/**
 * The keeper: a small process that owns the data folder and DynamoDB, and that outlives a starter which is killed, for
 * as long as it takes to clean up after it. A container or a Java would not notice by itself that the starter is gone,
 * and neither would a frozen Region.
 */
const { dataFolder } = JSON.parse(process.argv[2] ?? '{}') as KeeperInput;
const guarded = new Set<number>();
const stopping = new AbortController();

process.once('disconnect', () => stopping.abort());
// The starter may have been gone before this line was reached.
if (!process.connected) {
  stopping.abort();
}
process.once('SIGTERM', () => stopping.abort());
process.on('message', ({ guard, release }: KeeperMessage) => {
  if (guard !== undefined) {
    guarded.add(guard);
  }
  if (release !== undefined) {
    guarded.delete(release);
  }
});

stopping.signal.addEventListener('abort', () => {
  for (const pid of guarded) {
    kill(pid);
  }
});

/** The tables of every account of DynamoDB Local, which with `-sharedDb` are in one file. */
const DATABASE_FILE = 'shared-local-instance.db';

/** Says in a data folder which version of the bank's tables it holds. Version 1 had no such file. */
const VERSION_FILE = 'version';
const VERSION = '2';

const folder = dataFolder ?? (await mkdtemp(join(tmpdir(), 'twinbank-')));
const exitCode = await start().then(keep, giveUp);
if (dataFolder === null) {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(exitCode);

async function start(): Promise<DynamoDB> {
  const { signal } = stopping;
  if (dataFolder === null) {
    return startDynamoDB({ databaseFolder: null, logFile: null, signal });
  }
  if (process.env['DYNAMODB_ENDPOINT']) {
    throw new LocalBankError(
      'bad_argument',
      'DYNAMODB_ENDPOINT names a DynamoDB that keeps its data itself: leave --data out.',
    );
  }
  const databaseFolder = join(dataFolder, 'dynamodb');
  await mkdir(databaseFolder, { recursive: true }).catch((cause: unknown) => {
    throw new LocalBankError(
      'data_folder_unusable',
      `Cannot write to the data folder ${dataFolder} (${firstLine(cause)}): choose another one with --data.`,
      { cause },
    );
  });
  process.chdir(dataFolder);
  await claimFolder(dataFolder);
  const database = join(databaseFolder, DATABASE_FILE);
  await refuseEmptyDatabase(database);
  await refuseOtherVersion(dataFolder, database);
  return startDynamoDB({ databaseFolder, logFile: join(dataFolder, 'dynamodb.log'), signal });
}

/** SQLite takes a file of no bytes for a new database. Here it is one that was lost: a full disk leaves such a file. */
async function refuseEmptyDatabase(file: string): Promise<void> {
  const { size } = await stat(file).catch(() => ({ size: undefined }));
  if (size === 0) {
    throw new LocalBankError(
      'data_folder_unusable',
      `The database ${file} is empty, so its balances are lost: remove the file to begin anew, or choose another folder with --data.`,
    );
  }
}

/** Balances of another version of the bank are neither read nor written. A folder without any becomes one of this version. */
async function refuseOtherVersion(dataFolder: string, database: string): Promise<void> {
  const file = join(dataFolder, VERSION_FILE);
  const isNew = await access(database).then(
    () => false,
    () => true,
  );
  if (isNew) {
    return writeFile(file, VERSION);
  }
  const version = await readFile(file, 'utf8').catch(() => '1');
  if (version !== VERSION) {
    throw new LocalBankError(
      'data_folder_version',
      `The data folder ${dataFolder} holds balances of version ${version} of the bank, and this is version ${VERSION}: choose another folder with --data.`,
    );
  }
}

async function keep(dynamodb: DynamoDB): Promise<number> {
  const lost = new Promise<number>((resolve) => {
    dynamodb.onLost(() => resolve(1));
  });
  const stopped = new Promise<number>((resolve) => {
    if (stopping.signal.aborted) {
      resolve(0);
    } else {
      stopping.signal.addEventListener('abort', () => resolve(0), { once: true });
    }
  });
  const { endpoint, description, pid } = dynamodb;
  tell({ ready: { endpoint, folder, description, pid } });
  const code = await Promise.race([lost, stopped]);
  // Of a container something is left even when it ended by itself. An engine that is gone leaves nothing to be done.
  await dynamodb.stop().catch(() => undefined);
  return code;
}

function giveUp(error: unknown): number {
  const { code, message } = toLocalBankError(error);
  tell({ error: { code, message } });
  return 1;
}

function tell(message: FirstMessage<KeeperReady>): void {
  if (process.connected) {
    process.send?.(message);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
