type State = 'up' | 'frozen' | 'down';

/** A Region as the network sees it: it refuses requests, holds them, or lets them through. */
export class Region<Name extends string> {
  readonly name: Name;
  readonly url: string;
  #state: State = 'up';
  /** Ends the requests that are under way. */
  readonly #underWay = new Set<(error: TypeError) => void>();
  #thawed = Promise.resolve();
  #thaw = () => {};

  constructor(name: Name) {
    this.name = name;
    this.url = `http://${name}.test`;
  }

  kill(): void {
    this.#leave('up', 'frozen');
    this.#state = 'down';
    for (const lose of this.#underWay) {
      lose(connectionError('read ECONNRESET', 'read'));
    }
    // A request that waits for a killed Region to thaw waits indefinitely.
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
    let lose = (_error: TypeError) => {};
    const killed = new Promise<never>((_, reject) => {
      lose = reject;
    });
    this.#underWay.add(lose);
    try {
      return await Promise.race([this.#thawed.then(work), killed]);
    } finally {
      this.#underWay.delete(lose);
    }
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
