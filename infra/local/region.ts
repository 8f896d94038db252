import type { ChildProcess } from 'node:child_process';
import { bankEnvironment, type TableNames } from '../names.ts';
import { compile } from './compile.ts';
import { awsEnvironment, withoutAws } from './environment.ts';
import { firstLine, LocalBankError } from './errors.ts';
import { ended, firstMessage, startProcess } from './process.ts';
import type { ServeInput, ServeMessage } from './serve.ts';
import type { Supervisor } from './supervisor.ts';

/** `frozen` still holds its port and its connections, but answers nothing; `down` refuses connections. */
export type RegionState = 'up' | 'frozen' | 'down';

/** The state of a Region, in the form in which `--json` prints it. */
export interface RegionStatus {
  readonly event: 'region';
  readonly region: string;
  readonly url: string;
  /** Null when the Region is down. */
  readonly pid: number | null;
  readonly state: RegionState;
}

interface RegionSettings {
  /** File of its program, compiled. */
  readonly program: string;
  readonly serve: Omit<ServeInput, 'logFile' | 'sendsLog'>;
  /** Where DynamoDB is, and what ends the process if this one is killed. */
  readonly supervisor: Pick<Supervisor, 'endpoint' | 'guard' | 'release'>;
  /** The bank's name in the log, its prefix. */
  readonly bank: string;
  readonly tables: TableNames;
  /** File for everything that the Region prints, its function's log above all. Above 50 MB it begins anew, and the last 50 MB are in FILE.1. */
  readonly logFile: string;
  readonly onChange?: ((status: RegionStatus) => void) | undefined;
  /** Called with what the Region logs once it is ready, as it logs it: one line or several. */
  readonly onLog?: ((text: string) => void) | undefined;
  /** Called once when the Region cannot write its log. */
  readonly onWarning?: ((error: LocalBankError) => void) | undefined;
}

/** Compiles the program of a Region, which all of them run. */
export function compileRegion(): Promise<string> {
  return compile(new URL('./serve.ts', import.meta.url));
}

const START_TIMEOUT_MS = 120_000;

/** One Region: an operating-system process that can be killed, frozen, thawed and started again. */
export class Region {
  readonly #settings: RegionSettings;
  #child: ChildProcess | null = null;
  #state: RegionState = 'down';

  constructor(settings: RegionSettings) {
    this.#settings = settings;
  }

  get status(): RegionStatus {
    const { region, port } = this.#settings.serve;
    return {
      event: 'region',
      region,
      url: `http://127.0.0.1:${port}`,
      pid: this.#state === 'down' ? null : (this.#child?.pid ?? null),
      state: this.#state,
    };
  }

  async start(): Promise<void> {
    const { program, serve, supervisor, bank, tables, logFile, onLog } = this.#settings;
    if (this.#child !== null) {
      throw this.#cannot(`is ${this.#state} already`);
    }
    const child = startProcess(program, {
      input: { ...serve, logFile, sendsLog: onLog !== undefined } satisfies ServeInput,
      environment: {
        ...withoutAws(process.env),
        ...awsEnvironment(supervisor.endpoint, serve.region),
        ...bankEnvironment(bank, tables),
      },
      logFile,
    });
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) {
      supervisor.guard(pid);
    }
    child.once('exit', () => {
      if (pid !== undefined) {
        supervisor.release(pid);
      }
      this.#child = null;
      this.#become('down');
    });
    try {
      await firstMessage<null>(child, serve.region, START_TIMEOUT_MS);
    } catch (error) {
      child.kill('SIGKILL');
      await ended(child);
      if (error instanceof LocalBankError && error.code === 'port_taken') {
        throw error;
      }
      throw new LocalBankError('region_failed', `${serve.region} did not start: ${firstLine(error)}`, {
        cause: error,
      });
    }
    child.on('message', (message: ServeMessage) => {
      if ('logged' in message) {
        onLog?.(message.logged);
        return;
      }
      const { logFailed } = message;
      const words = `${serve.region} cannot write to ${logFile} (${logFailed}): its log is incomplete until this is fixed.`;
      this.#settings.onWarning?.(new LocalBankError('log_failed', words));
    });
    this.#become('up');
  }

  /** Ends the process with SIGKILL, which a frozen process cannot hold off either. */
  async kill(): Promise<void> {
    const child = this.#running();
    child.kill('SIGKILL');
    await ended(child);
  }

  /** Stops the process with SIGSTOP: the system accepts connections, and no request is answered. */
  freeze(): void {
    const child = this.#running();
    // One that is starting is down: thawed, it would be called up before it listens.
    if (this.#state !== 'up') {
      throw this.#cannot(this.#state === 'frozen' ? 'is frozen already' : 'is starting');
    }
    child.kill('SIGSTOP');
    this.#become('frozen');
  }

  thaw(): void {
    const child = this.#running();
    if (this.#state !== 'frozen') {
      throw this.#cannot('is not frozen');
    }
    child.kill('SIGCONT');
    this.#become('up');
  }

  /** Ends the process, in any state. */
  async stop(): Promise<void> {
    if (this.#child !== null) {
      await this.kill();
    }
  }

  #running(): ChildProcess {
    if (this.#child === null) {
      throw this.#cannot('is down');
    }
    return this.#child;
  }

  #cannot(why: string): LocalBankError {
    return new LocalBankError('region_state', `${this.#settings.serve.region} ${why}.`);
  }

  #become(state: RegionState): void {
    if (state === this.#state) {
      return;
    }
    this.#state = state;
    this.#settings.onChange?.(this.status);
  }
}
