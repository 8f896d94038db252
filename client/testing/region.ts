import { unlessAborted } from '../timers.ts';

type State = 'up' | 'frozen' | 'down';

/** A Region as the network sees it: it refuses requests, holds them, or lets them through. */
export class Region<Name extends string> {
  readonly name: Name;
  readonly url: string;
  #state: State = 'up';
  #life = new AbortController();
  #thawed = Promise.resolve();
  #thaw = () => {};

  constructor(name: Name) {
    this.name = name;
    this.url = `http://${name}.test`;
  }

  kill(): void {
    this.#leave('up', 'frozen');
    this.#state = 'down';
    this.#life.abort(connectionError('read ECONNRESET', 'read'));
    this.#life = new AbortController();
    // What waits for the thaw of a dead Region waits for ever.
    this.#thawed = Promise.resolve();
  }

  start(): void {
    this.#leave('down');
    this.#state = 'up';
  }

  freeze(): void {
    this.#leave('up');
    this.#state = 'frozen';
    this.#thawed = new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  thaw(): void {
    this.#leave('frozen');
    this.#state = 'up';
    this.#thaw();
  }

  /** Loses what is under way, and is up. */
  restart(): void {
    if (this.#state !== 'down') {
      this.kill();
    }
    this.start();
  }

  /** Works on a request once it is thawed. Rejects as Node's `fetch` does when it is down, or killed before the answer. */
  async serve<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#state === 'down') {
      throw connectionError('connect ECONNREFUSED', 'connect');
    }
    return await unlessAborted(this.#thawed.then(work), this.#life.signal);
  }

  #leave(...states: readonly State[]): void {
    if (!states.includes(this.#state)) {
      throw new Error(`${this.name}: expected it to be ${states.join(' or ')}, it is ${this.#state}`);
    }
  }
}

/** An error as Node's `fetch` throws it. The client reads the system call: what failed to connect was not executed. */
export function connectionError(message: string, syscall: 'getaddrinfo' | 'connect' | 'read'): TypeError {
  const code = message.split(' ')[1];
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code, syscall }) });
}
