import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDB } from './database.ts';
import { startDynamoDB } from './dynamodb.ts';
import { firstLine, LocalBankError, toLocalBankError } from './errors.ts';
import { claimFolder } from './lock.ts';
import { aborted, type FirstMessage, killIfRunning, sendToParent } from './process.ts';
import { withdrawAnnouncement } from './running.ts';
import type { SupervisorInput, SupervisorMessage, SupervisorReady } from './supervisor.ts';

/**
 * The supervisor: a small process that owns the data folder and DynamoDB, and that outlives a parent that is killed, for
 * as long as it takes to clean up after it. A container or a Java would not notice by itself that the parent is gone,
 * and neither would a frozen Region.
 */
const { dataFolder } = JSON.parse(process.argv[2] ?? '{}') as SupervisorInput;
const guarded = new Set<number>();
const stopping = new AbortController();

process.once('disconnect', () => stopping.abort());
// The parent may have been gone before this line was reached.
if (!process.connected) {
  stopping.abort();
}
process.once('SIGTERM', () => stopping.abort());
process.on('message', ({ guard, release }: SupervisorMessage) => {
  if (guard !== undefined) {
    guarded.add(guard);
  }
  if (release !== undefined) {
    guarded.delete(release);
  }
});

stopping.signal.addEventListener('abort', () => {
  for (const pid of guarded) {
    killIfRunning(pid);
  }
});

/** The tables of every account of DynamoDB Local, which with `-sharedDb` are in one file. */
const DATABASE_FILE = 'shared-local-instance.db';

/** File in a data folder that holds the version of the bank's tables. Version 1 wrote no such file. */
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
      'Do not use --data with DYNAMODB_ENDPOINT: that DynamoDB stores its own data.',
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
  await checkDatabase(dataFolder, join(databaseFolder, DATABASE_FILE));
  // It has what DynamoDB has printed since its last start, and so does not grow from start to start.
  const logFile = join(dataFolder, 'dynamodb.log');
  await rm(logFile, { force: true });
  return startDynamoDB({ databaseFolder, logFile, signal });
}

/**
 * Throws if the balances are lost, or are those of another version of the bank, which are neither read nor written. A folder without
 * balances becomes one of this version.
 */
async function checkDatabase(dataFolder: string, database: string): Promise<void> {
  const file = join(dataFolder, VERSION_FILE);
  const { size } = await stat(database).catch(() => ({ size: undefined }));
  if (size === undefined) {
    return writeFile(file, VERSION);
  }
  // SQLite takes a file of no bytes for a new database, and a full disk leaves such a file of an old one.
  if (size === 0) {
    throw new LocalBankError(
      'data_folder_unusable',
      `The database ${database} is empty, so its balances are lost: remove the file to start again without them, or choose another folder with --data.`,
    );
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
  const { endpoint, description, pid } = dynamodb;
  send({ ready: { endpoint, folder, description, pid } });
  const code = await Promise.race([lost, aborted(stopping.signal).then(() => 0)]);
  // A parent that was killed has not withdrawn it. Its endpoint may be that of another bank later.
  await withdrawAnnouncement(folder).catch(() => undefined);
  // A container that ended by itself still has to be removed. If its engine has ended, there is nothing to do.
  await dynamodb.stop().catch(() => undefined);
  return code;
}

function giveUp(error: unknown): number {
  const { code, message } = toLocalBankError(error);
  send({ error: { code, message } });
  return 1;
}

function send(message: FirstMessage<SupervisorReady>): void {
  sendToParent(message);
}
