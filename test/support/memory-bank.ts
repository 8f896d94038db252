import type { IncomingHttpHeaders } from 'node:http';
import { linesOfHead, linesOfPage } from '../../functions/bank/book.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { MemoryStore } from '../../functions/memory/store.ts';
import { serveStore } from './http-region.ts';

/** A request as it arrived. */
export interface ReceivedRequest {
  /** Region of the endpoint that it arrived at. */
  readonly region: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Its idempotency key; undefined for reads. */
  readonly key: string | undefined;
}

type BankRequest = Pick<ReceivedRequest, 'method' | 'path' | 'headers' | 'body'> & {
  /** The Region that answers. Default: `us-east-1`. */
  readonly region?: string;
};

/** An answer with its body parsed, before it is sent. */
export interface BankAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A call that was executed. */
interface Execution {
  readonly key: string;
  readonly account: string;
  readonly amountMinor: bigint;
  readonly balanceMinor: bigint;
}

/** The real bank on tables in memory, for tests of its callers. Both Regions share it, and its books show what happened to the money. */
export class MemoryBank {
  /** The clock of the bank, which judges the age of keys. */
  nowMs: () => number = () => Date.now();
  readonly #store = new MemoryStore(() => this.nowMs());

  /** The entries of calls that moved money, by account, without the bank's own entries, such as the credit of a transfer. */
  get executions(): readonly Execution[] {
    return [...this.#store.heads].flatMap(([account, head]) =>
      [...(this.#store.pages.get(account)?.values() ?? [])]
        .filter(({ start }) => start < head.turned)
        .flatMap(linesOfPage)
        .concat(linesOfHead(head))
        .filter(({ entry }) => entry.body.kind === 'executed' && isMinted(entry.key))
        .map(({ entry, balanceMinor }) => ({
          ...{ key: entry.key, account, amountMinor: entry.changeMinor },
          balanceMinor,
        })),
    );
  }

  executionsOf(key: string): readonly Execution[] {
    return this.executions.filter((execution) => execution.key === key);
  }

  balanceOf(account: string): bigint {
    return this.#store.head(account).balanceMinor ?? 0n;
  }

  /** Loses the newest entry of an account, as a Region does that fails before another Region has it. */
  loseLastEntry(account: string): void {
    const head = this.#store.head(account);
    const lost = head.entries.at(-1);
    if (lost === undefined) {
      throw new Error(`${account} has no entry in its head`);
    }
    this.#store.cached.clear();
    this.#store.heads.set(account, {
      ...head,
      balanceMinor: (head.balanceMinor ?? 0n) - lost.changeMinor,
      heldMinor: head.heldMinor - lost.heldChangeMinor,
      sequence: head.sequence - 1,
      entries: head.entries.slice(0, -1),
    });
  }

  /** Runs the scheduled function once, which writes the ends of expired holds. */
  async sweep(): Promise<void> {
    const parts = { store: this.#store, nowMs: this.nowMs, keysNotBeforeMs: 0 };
    await sweep(parts, new AbortController().signal, (account, error) => {
      throw new Error(`${account} was not swept`, { cause: error });
    });
  }

  /** Executes a request, and returns the answer of a Region. */
  async handle({ region = 'us-east-1', method, path, headers, body }: BankRequest): Promise<BankAnswer> {
    const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
    const request = { method, target: path, rawHeaders, body: Buffer.from(body), sourceIp: '127.0.0.1' };
    const answer = await serveStore(this.#store, region, this.nowMs)(request);
    return { ...answer, body: JSON.parse(answer.body.toString()) };
  }
}

/** True for a key that a caller has minted, which is a UUIDv7. The bank's own are UUIDv8. */
function isMinted(key: string): boolean {
  return key[14] === '7';
}
