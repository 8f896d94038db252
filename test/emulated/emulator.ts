import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { compile } from '../../infra/local/compile.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { ended, startProcess } from '../../infra/local/process.ts';
import { EmulatedError } from './errors.ts';
import type { GuardInput, GuardMessage, GuardRequest } from './guard.ts';

/** Far longer than the second that it takes on a machine that has nothing else to do. */
const START_TIMEOUT_MS = 60_000;

/** Longer than the guard gives the emulator. */
const STOP_TIMEOUT_MS = 20_000;

/** Between two questions whether the emulator is ready. */
const PAUSE_MS = 100;

/** Lines of its log that are shown when something went wrong. */
const LAST_WORDS = 30;

/** A MiniStack of our own: an empty AWS account with every Region, on a free port of the loopback interface. */
export class Emulator implements AsyncDisposable {
  /** Address of the emulator, for every service in every Region. */
  readonly url: string;
  /** A folder for the user of the emulator, which is removed with it. */
  readonly folder: string;
  readonly #guard: ChildProcess;
  readonly #logFile: string;
  #lost: string | undefined;
  #version = 'of unknown version';

  private constructor(url: string, folder: string, logFile: string, guard: ChildProcess) {
    this.url = url;
    this.folder = folder;
    this.#logFile = logFile;
    this.#guard = guard;
    guard.on('message', (message) => {
      this.#lost = (message as GuardMessage).ended;
    });
    guard.once('exit', (code, signal) => {
      this.#lost ??= `its guard ended with ${signal ?? code}`;
    });
  }

  /** Release of the emulator, as it says itself. */
  get version(): string {
    return this.#version;
  }

  /** Starts the emulator and waits until it answers. Rejects with the signal's reason after an abort. */
  static async start(command: string, signal: AbortSignal): Promise<Emulator> {
    const [port] = await freePorts();
    const root = await mkdtemp(join(tmpdir(), 'twinbank-emulated-'));
    const folder = join(root, 'work');
    const state = join(root, 'state');
    await Promise.all([mkdir(folder), mkdir(state)]);
    const logFile = join(root, 'emulator.log');
    const guard = startProcess(await compile(new URL('./guard.ts', import.meta.url)), {
      input: { command, folder: root } satisfies GuardInput,
      environment: environmentOf(port, state),
      logFile,
    });
    const emulator = new Emulator(`http://127.0.0.1:${port}`, folder, logFile, guard);
    try {
      await emulator.#untilReady(signal);
      return emulator;
    } catch (error) {
      await emulator[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Stops the emulator, with everything that it has started, and removes what it has written. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Closing the channel makes the guard stop, because that also happens when this process is killed.
    if (this.#guard.connected) {
      this.#guard.disconnect();
    }
    const timer = setTimeout(() => this.#guard.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended(this.#guard);
    clearTimeout(timer);
  }

  /** Makes the guard kill a program's process group if this process is killed. Returns a function that undoes this. */
  guard(group: number): () => void {
    this.#send({ guard: group });
    return () => this.#send({ release: group });
  }

  /** The end of its log, and whether it has ended by itself, which may be why something else failed. */
  async lastWords(): Promise<string> {
    const text = await readFile(this.#logFile, 'utf8').catch(() => '');
    const lines = text.trimEnd().split('\n').slice(-LAST_WORDS).join('\n');
    const lost = this.#lost === undefined ? '' : `\nMiniStack is gone: ${this.#lost}.`;
    return `The log of MiniStack ends with:\n${lines}${lost}\n`;
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(START_TIMEOUT_MS);
    while (!(await this.#isReady(AbortSignal.any([signal, limit])))) {
      signal.throwIfAborted();
      if (limit.aborted) {
        this.#lost ??= `it was not ready after ${START_TIMEOUT_MS / 1000} s`;
      }
      if (this.#lost !== undefined) {
        throw new EmulatedError('emulator_failed', await this.lastWords());
      }
      await pause(PAUSE_MS);
    }
    const health = await fetch(`${this.url}/_ministack/health`, { signal });
    const { version } = (await health.json()) as { version?: string };
    this.#version = version ?? this.#version;
  }

  #send(request: GuardRequest): void {
    if (this.#guard.connected) {
      this.#guard.send(request);
    }
  }

  #isReady(signal: AbortSignal): Promise<boolean> {
    return fetch(`${this.url}/_ministack/ready`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

/**
 * The environment of the emulator, and therefore of the functions. It is made from nothing, because every variable of the
 * emulator's, and of AWS's, that the user has set for other purposes would count.
 */
function environmentOf(port: number, folder: string): NodeJS.ProcessEnv {
  const { HOME, PATH = '' } = process.env;
  return {
    HOME,
    // Functions run in the Node that comes first, whichever runtime they ask for.
    PATH: [dirname(process.execPath), PATH].join(delimiter),
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    // Without it every request is allowed, with any signature.
    AUTH: 'true',
    TMPDIR: folder,
    STATE_DIR: join(folder, 'state'),
    S3_DATA_DIR: join(folder, 's3'),
    // It would otherwise remove containers that another emulator on this machine has started.
    DOCKER_HOST: 'unix:///nonexistent',
    // The functions' log would begin with a warning about the Node of this machine.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
  };
}
