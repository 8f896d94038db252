import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableNames } from '../names.ts';
import { LocalBankError } from './errors.ts';

/** Where a running bank keeps its accounts, for programs that work on them beside it. */
interface RunningBank extends TableNames {
  /** URL of DynamoDB. */
  readonly endpoint: string;
  readonly region: string;
  /** Name of the bank, its prefix. */
  readonly bank: string;
}

const FILE = 'running.json';

/** Writes into the data folder that a bank is running on it, and where. */
export async function announce(dataFolder: string, bank: RunningBank): Promise<void> {
  await writeFile(join(dataFolder, FILE), `${JSON.stringify(bank)}\n`);
}

export async function withdrawAnnouncement(dataFolder: string): Promise<void> {
  await rm(join(dataFolder, FILE), { force: true });
}

/** Finds the bank that is running on a data folder. Throws `not_running` when there is none. */
export async function findRunning(dataFolder: string): Promise<RunningBank> {
  try {
    return JSON.parse(await readFile(join(dataFolder, FILE), 'utf8')) as RunningBank;
  } catch (cause) {
    throw new LocalBankError('not_running', `No bank is running on ${dataFolder}: npm start starts one.`, {
      cause,
    });
  }
}
