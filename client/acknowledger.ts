import type { Environment } from './environment.ts';
import type { Subject } from './requests.ts';
import { MAX_ACKNOWLEDGED_KEYS } from './wire.ts';

/** Most replies that wait to be given back. One that finds no room stays with the bank, which archives it in time. */
const MAX_WAITING = 1000;

/** Most replies that are given back at once by requests of their own. */
const MAX_AT_ONCE = 4;

/**
 * Gives replies back that the client holds, so that the bank need not remember them: with the next call to the same
 * account, where it costs nothing, or after a moment of quiet by a request of its own.
 *
 * It is told only of keys that the client minted itself and of which no attempt can still arrive. Giving such a reply
 * back is never urgent and may be lost: whatever the bank keeps, it archives by itself.
 */
export class Acknowledger {
  readonly #environment: Pick<Environment, 'setTimer'>;
  readonly #quietMs: number;
  readonly #send: (subject: Subject) => Promise<boolean>;
  readonly #waiting = new Map<string, Subject>();
  #cancelTimer = () => {};
  #closed = false;

  /** `send` gives one reply back and says whether the bank answered. It must not reject. */
  constructor(
    environment: Pick<Environment, 'setTimer'>,
    quietMs: number,
    send: (subject: Subject) => Promise<boolean>,
  ) {
    this.#environment = environment;
    this.#quietMs = quietMs;
    this.#send = send;
  }

  /** Has a reply given back when there is an opportunity. */
  add(subject: Subject): void {
    if (this.#closed) {
      return;
    }
    if (this.#waiting.size < MAX_WAITING) {
      this.#waiting.set(nameOf(subject), subject);
    }
    this.#awaitQuiet();
  }

  /** Takes the replies that may ride on a call to an account. Whoever takes them adds those again that did not arrive. */
  take(account: string): readonly string[] {
    const taken = [...this.#waiting.values()]
      .filter((subject) => subject.account === account)
      .slice(0, MAX_ACKNOWLEDGED_KEYS);
    for (const subject of taken) {
      this.#waiting.delete(nameOf(subject));
    }
    if (this.#waiting.size > 0) {
      this.#awaitQuiet();
    }
    return taken.map(({ key }) => key);
  }

  /** Gives back what waits, and takes nothing any more: nobody would be there to give it back. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flush();
  }

  /**
   * Gives back everything that waits, by requests of its own, until the bank leaves one unanswered: it would leave the
   * others unanswered too, each for as long, and they are archived in time.
   */
  async #flush(): Promise<void> {
    this.#cancelTimer();
    const queue = [...this.#waiting.values()];
    this.#waiting.clear();
    const work = async () => {
      for (let subject = queue.shift(); subject !== undefined; subject = queue.shift()) {
        if (!(await this.#send(subject))) {
          queue.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: MAX_AT_ONCE }, work));
  }

  #awaitQuiet(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#environment.setTimer(() => void this.#flush(), this.#quietMs, {
      background: true,
    });
  }
}

function nameOf({ account, key }: Subject): string {
  return `${account} ${key}`;
}
