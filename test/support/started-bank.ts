import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { RegionStatus } from '../../infra/local/region.ts';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/** One line of `--json`. */
export type BankEvent =
  | RegionStatus
  | { readonly event: 'screen'; readonly url: string }
  | { readonly event: 'ready' }
  | { readonly event: 'error'; readonly code: string; readonly message: string };

/** The state of a Region after each order. */
const STATE_AFTER = { kill: 'down', start: 'up', freeze: 'frozen', thaw: 'up' } as const;

/** The program behind `npm start`, run as its users run it: through its arguments, signals and pipes. */
export class StartedBank {
  readonly #child: ChildProcess;
  /** Lines of standard output, as they came. */
  readonly lines: string[] = [];
  stderr = '';
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly exit: Promise<number | string>;

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', 'infra/local/start.ts', ...args], {
      cwd: PROJECT_FOLDER,
      env: { ...process.env, ...environment },
      stdio: 'pipe',
    });
    const { stdout, stderr } = this.#child;
    if (stdout) {
      createInterface({ input: stdout }).on('line', (line) => this.lines.push(line));
    }
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exit = once(this.#child, 'close').then(([code, signal]) => code ?? signal);
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  get events(): readonly BankEvent[] {
    return this.lines.map((line) => JSON.parse(line) as BankEvent);
  }

  /** State, address and process of a Region as last reported. */
  region(name: string): RegionStatus {
    const status = this.events.findLast((event) => event.event === 'region' && event.region === name);
    if (status?.event !== 'region') {
      throw new Error(`nothing was reported of ${name}`);
    }
    return status;
  }

  /** Where the bank shows its page. */
  get screenUrl(): string {
    const shown = this.events.find(({ event }) => event === 'screen');
    if (shown?.event !== 'screen') {
      throw new Error('the bank shows no page');
    }
    return shown.url;
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async ready(): Promise<this> {
    await this.until(() => this.lines.includes('{"event":"ready"}'));
    return this;
  }

  /** Waits for a state of a Region. */
  async reports(region: string, state: RegionStatus['state']): Promise<void> {
    await this.until(() => this.region(region).state === state);
  }

  /** Gives an order to a Region, and waits until it is carried out. */
  async order(verb: keyof typeof STATE_AFTER, region: string): Promise<void> {
    this.say(`${verb} ${region}`);
    await this.reports(region, STATE_AFTER[verb]);
  }

  /** Kills the process of a Region that is up, which the bank has not ordered. */
  killProcessOf(region: string): void {
    const { pid } = this.region(region);
    // A signal to process 0 would go to this test and everything around it.
    if (pid === null) {
      throw new Error(`${region} has no process`);
    }
    process.kill(pid, 'SIGKILL');
  }

  /** Has Regions up again, whatever was done to them. */
  async heal(...regions: readonly string[]): Promise<void> {
    for (const region of regions) {
      if (this.region(region).state === 'frozen') {
        this.say(`thaw ${region}`);
      }
      if (this.region(region).state === 'down') {
        this.say(`start ${region}`);
      }
      await this.reports(region, 'up');
    }
  }

  /** Waits for a condition on what was printed; fails at once when the program ends before it holds. */
  async until(condition: () => boolean): Promise<void> {
    let over: number | string | null = null;
    void this.exit.then((code) => {
      over = code;
    });
    while (!condition()) {
      if (over !== null) {
        throw new Error(`npm start ended (${over}): ${this.stderr}`);
      }
      await pause();
    }
  }
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: unknown;
}

/** One request over a connection of its own: a kept one would belong to the process before. */
export async function call(
  method: string,
  url: string,
  options: { key?: string; body?: unknown } = {},
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    ...(options.key !== undefined && { 'idempotency-key': options.key }),
  };
  const sent = request(url, { method, headers, agent: false });
  sent.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await json(response) };
}

/** A moment, between two looks at something that changes. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
