import { settle } from '../../../../../client/command/hammer/verify.ts';
import { BankClient, type BankEvent } from '../../../../../client/index.ts';
import type { Hammer } from '../state.ts';
import { Books, type Move } from './books.ts';
import { Gate } from './gate.ts';
import { readBooks } from './read-books.ts';
import { send } from './send.ts';
import type { Verdict } from './tally.ts';

/** What a run is made of. */
export interface HammerParts {
  readonly endpoints: readonly { readonly region: string; readonly url: string }[];
  readonly clients: number;
  readonly seconds: number;
  /** Longest time for a call: after that its outcome is unknown, and settled later. */
  readonly callTimeoutMs: number;
  /** Starts the names of the run's accounts, which no other run has. */
  readonly prefix: string;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly elapsedMs: () => number;
  readonly tell: (hammer: Hammer) => void;
}

/**
 * Calls under way at a time. A browser opens 6 connections to one host, and a request that waits for one uses up its
 * attempt's time; so the clients queue here, where no clock runs, and leave one connection to the account panel.
 */
export const CALLS_AT_ONCE = 5;

const ACCOUNTS = 10;
const MAX_AMOUNT = 100;
/** With a hundred clients, each of which comes upon a frozen Region by itself, a full attempt timeout each would be all that is seen. */
export const HEDGE_AFTER_MS = 300;
const TELL_EVERY_MS = 100;
const SETTLE_FOR_MS = 15_000;
const SETTLE_AGAIN_AFTER_MS = 500;

/** Many clients at once on a few accounts, and the books of what they were answered. */
export class HammerRunner {
  readonly #parts: HammerParts;
  readonly #accounts: readonly string[];
  readonly #books: Books;
  readonly #gate = new Gate(CALLS_AT_ONCE);
  readonly #startedMs: number;
  #endMs: number;

  constructor(parts: HammerParts) {
    this.#parts = parts;
    this.#accounts = Array.from({ length: ACCOUNTS }, (_, index) => `${parts.prefix}-${index + 1}`);
    this.#books = new Books(this.#accounts);
    this.#startedMs = parts.elapsedMs();
    this.#endMs = this.#startedMs + parts.seconds * 1000;
  }

  /** Sends calls until the time is over or somebody stops it, and then checks the books. */
  async run(): Promise<void> {
    await this.#telling('sending', async () => {
      const clients = Array.from({ length: this.#parts.clients }, () => this.#connect());
      await Promise.all(clients.map((client, index) => this.#work(client, index)));
      await Promise.all(clients.map((client) => client.close()));
    });
    await this.check();
  }

  /** Sends nothing more. Calls that are under way are waited for. */
  stop(): void {
    this.#endMs = 0;
  }

  /** Finds out what became of the calls that nobody answered, and compares the balances in both Regions. */
  async check(): Promise<void> {
    await this.#telling('settling', () => this.#settle());
    await this.#telling('reading', async () => {
      const { endpoints } = this.#parts;
      const { expected } = this.#books;
      const regions = await Promise.all(endpoints.map((endpoint) => readBooks(endpoint, expected)));
      const verdict: Verdict = {
        accounts: expected.size,
        total: [...expected.values()].reduce((sum, amount) => sum + amount, 0n),
        open: this.#books.open.length,
        regions,
      };
      this.#tell({ phase: 'done', verdict });
    });
  }

  #connect(): BankClient {
    const [preferred] = this.#parts.endpoints;
    return new BankClient({
      endpoints: this.#parts.endpoints,
      callTimeoutMs: this.#parts.callTimeoutMs,
      hedgeAfterMs: HEDGE_AFTER_MS,
      onEvent: (event: BankEvent) => {
        if (event.type === 'endpoint_changed' && event.to.name !== preferred?.region)
          this.#books.failedOver();
      },
    });
  }

  /** One client, one call after the other. It keeps to one account, which it shares with others. */
  async #work(client: BankClient, index: number): Promise<void> {
    const account = this.#accounts[index % ACCOUNTS] ?? '';
    const isOver = () => this.#parts.elapsedMs() >= this.#endMs;
    while (!isOver()) {
      await this.#gate.run(async () => {
        if (isOver()) return;
        const move = this.#draw(account);
        this.#books.enter(move, await send(client, move));
      });
    }
  }

  #draw(account: string): Move {
    const { random } = this.#parts;
    const what = random() < 0.5 ? 'deposit' : 'withdraw';
    return { what, account, amount: BigInt(1 + Math.floor(random() * MAX_AMOUNT)) };
  }

  /** Settles every call that is open, until all are or both Regions have been silent for long. */
  async #settle(): Promise<void> {
    const { elapsedMs } = this.#parts;
    const untilMs = elapsedMs() + SETTLE_FOR_MS;
    await using client = this.#connect();
    while (this.#books.open.length > 0 && elapsedMs() < untilMs) {
      await Promise.all(
        this.#books.open.map((move) =>
          this.#gate.run(async () => {
            const settled = elapsedMs() < untilMs ? await settle(client, move) : 'unsettled';
            if (settled !== 'unsettled') this.#books.settle(move, settled);
          }),
        ),
      );
      if (this.#books.open.length > 0) await pause(SETTLE_AGAIN_AFTER_MS);
    }
  }

  /** Tells how far it is while it works. */
  async #telling(phase: 'sending' | 'settling' | 'reading', work: () => Promise<void>): Promise<void> {
    const timer = setInterval(() => this.#tell({ phase }), TELL_EVERY_MS);
    this.#tell({ phase });
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
  }

  #tell(
    stage:
      | { readonly phase: 'sending' | 'settling' | 'reading' }
      | { readonly phase: 'done'; readonly verdict: Verdict },
  ): void {
    const { clients, seconds, prefix, elapsedMs, tell } = this.#parts;
    const elapsed = Math.min(elapsedMs() - this.#startedMs, seconds * 1000);
    tell({ ...stage, clients, seconds, prefix, elapsedMs: elapsed, tally: this.#books.tally });
  }
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
