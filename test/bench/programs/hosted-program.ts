import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { unlessAborted } from '../../../client/timers.ts';
import { withoutAws } from '../../../infra/local/environment.ts';
import { ended } from '../../../infra/local/process.ts';
import type { Asked, Ready, Told } from './program.ts';

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 2_000;

/** A program of the measurement failed or ended by itself, so there are no figures. */
export class ProgramLostError extends Error {
  override readonly name = 'ProgramLostError';
  readonly code = 'program_lost';
}

/** The starter's end of a program that runs in a process of its own and answers requests. */
export class HostedProgram<Request, Reply> {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (told: Told<Reply> | undefined) => void>();
  #asked = 0;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    child.on('message', (message: Told<Reply> | Ready<unknown>) => {
      if ('number' in message) this.#settle(message.number, message);
    });
    // When it is gone, nobody answers what it was asked, and a request that cannot be sent is as good as lost.
    child.once('exit', () => {
      for (const number of this.#waiting.keys()) this.#settle(number, undefined);
    });
  }

  /** Starts a bundled program, and gives its end with what it said when it was ready. */
  static async start<Request, Reply, Greeting>(
    name: string,
    bundleFile: string,
    input: unknown,
  ): Promise<{ program: HostedProgram<Request, Reply>; greeting: Greeting }> {
    const child = fork(bundleFile, [JSON.stringify(input)], {
      // Not in the terminal's group: a Ctrl-C is for the starter, which decides what ends when.
      detached: true,
      env: withoutAws(process.env),
      // It is JavaScript already, whatever the starter itself needs.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const program = new HostedProgram<Request, Reply>(name, child);
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    const [message] = await Promise.race([
      once(child, 'message'),
      ended(child).then((): [undefined] => [undefined]),
    ]);
    clearTimeout(timer);
    if (message === undefined) throw program.#lost();
    return { program, greeting: (message as Ready<Greeting>).ready };
  }

  /** Asks for something. Rejects when the program fails or ends, or when the signal is aborted first. */
  ask(request: Request, signal?: AbortSignal): Promise<Reply> {
    this.#asked += 1;
    const number = this.#asked;
    const reply = new Promise<Reply>((resolve, reject) => {
      this.#waiting.set(number, (told) => {
        if (told === undefined) reject(this.#lost());
        else if ('reply' in told) resolve(told.reply);
        else reject(new ProgramLostError(`${this.#name} failed: ${told.error}`));
      });
      const message: Asked<Request> = { number, request };
      this.#child.send(message, (error) => {
        if (error !== null) this.#settle(number, undefined);
      });
    });
    return signal === undefined ? reply : unlessAborted(reply, signal);
  }

  /** Ends it. What it had been asked by then may be left undone. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended(this.#child);
    clearTimeout(timer);
  }

  #settle(number: number, told: Told<Reply> | undefined): void {
    this.#waiting.get(number)?.(told);
    this.#waiting.delete(number);
  }

  #lost(): ProgramLostError {
    return new ProgramLostError(`The process of ${this.#name} ended by itself.`);
  }
}
