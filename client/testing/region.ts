type State = 'up' | 'frozen' | 'down';

/** A Region: it refuses requests, lets them wait, or serves them. */
export class Region<Name extends string> {
  readonly name: Name;
  readonly url: string;
  #state: State = 'up';
  /** Functions that end the requests under way with an error. */
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
    // The requests that wait for the thaw are never executed: this promise is a new one.
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

  /** Kills the Region unless it is down, and starts it. */
  restart(): void {
    if (this.#state !== 'down') {
      this.kill();
    }
    this.start();
  }

  /** Serves a request, after the thaw if the Region is frozen. Rejects as Node's `fetch` does if it is down, or killed before the answer. */
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
      throw new Error(`${this.name}: the Region must be ${states.join(' or ')}, but is ${this.#state}`);
    }
  }
}

/** Makes an error like one of Node's `fetch`. From the system call, the client knows whether the request was sent. */
export function connectionError(message: string, syscall: 'getaddrinfo' | 'connect' | 'read'): TypeError {
  const code = message.split(' ')[1];
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code, syscall }) });
}
