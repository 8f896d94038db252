import type { ChildProcess } from 'node:child_process';
import { compile } from './compile.ts';
import { LocalBankError } from './errors.ts';
import { endedWithin, firstMessage, killIfRunning, startProcess } from './process.ts';

/** The supervisor's input at its start. */
export interface SupervisorInput {
  /** Absolute path of the folder to claim and keep the database in; null keeps it in memory, and the rest in a temporary folder. */
  readonly dataFolder: string | null;
}

/** What the supervisor answers when DynamoDB is up. */
export interface SupervisorReady {
  readonly endpoint: string;
  /** Folder for what else a bank writes: the data folder, or one that the supervisor removes at its end. */
  readonly folder: string;
  /** Which DynamoDB it is, for people. */
  readonly description: string;
  /** Process id of DynamoDB, where it is a process of this machine. */
  readonly pid: number | null;
}

/** A later message to the supervisor: processes to kill if the parent dies. */
export interface SupervisorMessage {
  readonly guard?: number;
  readonly release?: number;
}

/** Longer than all that a start may wait for: a download or pull, and then the database itself. */
const START_TIMEOUT_MS = 600_000;

/** Longer than a database needs to stop. */
const STOP_TIMEOUT_MS = 20_000;

/** The parent's end of the supervisor process. */
export class Supervisor {
  readonly endpoint: string;
  readonly folder: string;
  readonly description: string;
  readonly #child: ChildProcess;
  readonly #databasePid: number | null;
  #stopping = false;

  private constructor(child: ChildProcess, { endpoint, folder, description, pid }: SupervisorReady) {
    this.endpoint = endpoint;
    this.folder = folder;
    this.description = description;
    this.#child = child;
    this.#databasePid = pid;
  }

  /** Starts the supervisor and waits for its DynamoDB. Rejects with the signal's reason when the signal aborts the start. */
  static async start(input: SupervisorInput, signal?: AbortSignal): Promise<Supervisor> {
    const program = await compile(new URL('./supervise.ts', import.meta.url));
    const child = startProcess(program, { input, environment: process.env, logFile: null });
    const giveUp = () => disconnect(child);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) {
      giveUp();
    }
    try {
      return new Supervisor(
        child,
        await firstMessage<SupervisorReady>(child, 'The supervisor of DynamoDB', START_TIMEOUT_MS),
      );
    } catch (error) {
      await end(child);
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Has the process killed if this one ends. */
  guard(pid: number): void {
    this.#send({ guard: pid });
  }

  /** Takes back a `guard`: the process has ended, and another may get its id. */
  release(pid: number): void {
    this.#send({ release: pid });
  }

  /** Calls back when DynamoDB or its supervisor ends without having been stopped. */
  onLost(callback: (error: LocalBankError) => void): void {
    this.#child.once('exit', () => {
      if (this.#stopping) {
        return;
      }
      // A supervisor that was killed could not stop its Java.
      if (this.#databasePid !== null) {
        killIfRunning(this.#databasePid);
      }
      callback(
        new LocalBankError(
          'dynamodb_lost',
          'DynamoDB Local or its supervisor ended unexpectedly, so balances in memory are lost. With --data, the log is in the data folder.',
        ),
      );
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await end(this.#child);
  }

  #send(message: SupervisorMessage): void {
    if (this.#child.connected) {
      this.#child.send(message);
    }
  }
}

/** Closing the channel stops the supervisor, because the channel also closes when this process is killed. */
function disconnect(child: ChildProcess): void {
  if (child.connected) {
    child.disconnect();
  }
}

function end(child: ChildProcess): Promise<void> {
  disconnect(child);
  return endedWithin(child, STOP_TIMEOUT_MS);
}
