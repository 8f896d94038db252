import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { withoutAws } from '../../../infra/local/environment.ts';
import type { ChaosBank } from './bank.ts';
import type { Occurrence } from './conductor.ts';
import { ChaosError } from './errors.ts';
import {
  type CallerRequest,
  type CallerSettings,
  type ClientMessage,
  type ClientSettings,
  LOST,
  type NewCall,
  type Reply,
  type RunMessage,
} from './messages.ts';
import type { ChaosOptions } from './options.ts';
import { letsMint } from './script.ts';

/** Shorter than the defaults, so that calls end within a run of seconds. */
const TIMES = { attemptTimeoutMs: 1000, callTimeoutMs: 4000, probeIntervalMs: 500 };
const HEDGE_AFTER_MS = 200;
/** One in this many callers hedges. */
const HEDGE_EVERY = 3;
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 2_000;

interface ClientHostOptions {
  /** 0 for the first. */
  readonly number: number;
  /** File of the program to run. */
  readonly program: string;
  readonly settings: ClientSettings;
  /** Called when the process ends by itself, or its program fails. */
  readonly onBroken: (error: ChaosError) => void;
}

/** A caller that waits for a reply. */
interface Waiting {
  readonly onKey: (key: string) => void;
  readonly resolve: (reply: Reply | typeof LOST) => void;
}

/** One life of a client process. */
interface Life {
  readonly child: ChildProcess;
  /** By caller. */
  readonly waiting: Map<number, Waiting>;
}

/** A client process, which can be killed and started again. */
export class ClientHost {
  readonly number: number;
  readonly #options: ClientHostOptions;
  #life: Life | undefined;
  #isReady = false;
  #isStopped = false;

  constructor(options: ClientHostOptions) {
    this.number = options.number;
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Starts it, unless it runs or was stopped for good. */
  async start(): Promise<void> {
    if (this.#life !== undefined || this.#isStopped) {
      return;
    }
    const { program, settings } = this.#options;
    const child = fork(program, [JSON.stringify(settings)], {
      // Not in the terminal's process group: Ctrl-C goes to the run only, which then stops the clients.
      detached: true,
      env: withoutAws(process.env),
      // The bundle is JavaScript, so it needs no loader.
      execArgv: [],
      // Keeps bigints.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const life: Life = { child, waiting: new Map() };
    this.#life = life;
    const ready = new Promise<void>((resolve) => {
      child.on('message', (message: ClientMessage) => this.#receive(message, life, resolve));
    });
    child.once('exit', () => {
      if (this.#life === life) {
        this.#break('ended by itself');
      }
    });
    const timer = setTimeout(() => this.#break('did not start in time'), START_TIMEOUT_MS);
    await Promise.race([ready, once(child, 'exit')]);
    clearTimeout(timer);
    this.#isReady = this.#life === life;
  }

  /**
   * Has a caller make a call. Calls `onKey` with the key of the call before any request is sent.
   * Resolves with the reply, or with `LOST` if the process ends first.
   */
  ask(
    caller: number,
    asked: CallerRequest | NewCall,
    onKey: (key: string) => void,
  ): Promise<Reply | typeof LOST> {
    const life = this.#life;
    if (life === undefined) {
      return Promise.resolve(LOST);
    }
    return new Promise((resolve) => {
      life.waiting.set(caller, { onKey, resolve });
      this.#send(life, { type: 'ask', caller, asked });
    });
  }

  /** Kills it. */
  begin(occurrence: Occurrence): Promise<void> {
    occurrence.hits += this.#life?.waiting.size ?? 0;
    return this.kill();
  }

  /** Starts it again. */
  end(): Promise<void> {
    return this.start();
  }

  /** Kills it. What it has reported is received first; the rest is lost. */
  kill(): Promise<void> {
    return this.#end(0);
  }

  /** Ends it for good. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#end(STOP_TIMEOUT_MS);
  }

  async #end(patienceMs: number): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    this.#isReady = false;
    if (life === undefined) {
      return;
    }
    await end(life.child, patienceMs);
    for (const { resolve } of life.waiting.values()) {
      resolve(LOST);
    }
  }

  #send({ child }: Life, message: RunMessage): void {
    // A message that cannot be sent is lost with the process.
    child.send(message, () => undefined);
  }

  #receive(message: ClientMessage, life: Life, ready: () => void): void {
    const { waiting } = life;
    switch (message.type) {
      case 'ready':
        ready();
        break;
      case 'key':
        waiting.get(message.caller)?.onKey(message.key);
        this.#send(life, { type: 'key_received', caller: message.caller });
        break;
      case 'reply':
        waiting.get(message.caller)?.resolve(message.reply);
        waiting.delete(message.caller);
        break;
      case 'broken':
        this.#break(`went wrong: ${message.message}`);
    }
  }

  #break(why: string): void {
    this.#options.onBroken(new ChaosError('client_broken', `Client process ${this.number + 1} ${why}.`));
  }
}

/** Makes the client processes. Half of the callers prefer the one Region and half the other, so that both write at once. */
export function openClients(
  { clients, callers: perClient }: Pick<ChaosOptions, 'clients' | 'callers'>,
  bank: ChaosBank,
  onBroken: (error: ChaosError) => void,
): readonly ClientHost[] {
  const endpoints = bank.regions.map(({ name: region, url }) => ({ region, url }));
  return Array.from({ length: clients }, (_, number) => {
    const callers = Array.from({ length: perClient }, (__, index): CallerSettings => {
      const caller = number * perClient + index;
      return {
        endpoints: caller % 2 === 0 ? endpoints : endpoints.toReversed(),
        letsMint: letsMint(caller),
        hedgeAfterMs: caller % HEDGE_EVERY === HEDGE_EVERY - 1 ? HEDGE_AFTER_MS : undefined,
      };
    });
    const settings = { callers, ...TIMES };
    return new ClientHost({ number, program: bank.clientProgram, settings, onBroken });
  });
}

/** Ends a process, and receives all that it had sent. */
async function end(child: ChildProcess, patienceMs: number): Promise<void> {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  const over = isOver ? Promise.resolve() : once(child, 'exit');
  const received = child.connected ? once(child, 'disconnect') : Promise.resolve();
  if (patienceMs > 0 && child.connected) {
    child.disconnect();
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await Promise.all([over, received]);
  clearTimeout(timer);
}
