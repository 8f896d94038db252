import type { BankClient } from '../../client/client.ts';
import { ask, cancel } from '../../infra/drill/ask.ts';
import { forEach, insist, type Patience } from '../../infra/drill/patience.ts';
import { type Known, type Ledger, THE_RUN } from './ledger.ts';
import type { Asked } from './messages.ts';
import { isClosed } from './told.ts';

/** After so many retries that nobody answered the matter is closed the other way: the key shall not execute. */
const RETRIES = 5;

/** Settles every call of which nobody knows yet what came of it, and enters that in the ledger. */
export async function settleAll(ledger: Ledger, client: BankClient, patience: Patience): Promise<void> {
  const names = new Names('settler');
  await forEach(ledger.unknown, async (known) => {
    const process = names.take();
    await insist(patience, async (tries) => {
      const outcome = await askAbout(known, tries > RETRIES, { ledger, client, process });
      return isClosed(outcome) ? outcome : undefined;
    });
    names.giveBack(process);
  });
}

async function askAbout(
  known: Known,
  isToBeCancelled: boolean,
  { ledger, client, process }: { ledger: Ledger; client: BankClient; process: string },
) {
  const { move } = known;
  const asked: Asked = isToBeCancelled ? { kind: 'cancel', move } : move;
  const ticket = ledger.begin({ process, client: THE_RUN }, asked, known);
  const answer = await (isToBeCancelled ? cancel(client, move) : ask(client, move));
  ledger.end(ticket, { answer, durationMs: 0, failures: [], failoverMs: undefined });
  return answer.outcome;
}

/** Names in the history. Each belongs to one that asks for one thing at a time. */
class Names {
  readonly #prefix: string;
  readonly #free: string[] = [];
  #given = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  take(): string {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#given += 1;
    return `${this.#prefix}-${this.#given}`;
  }

  giveBack(name: string): void {
    this.#free.push(name);
  }
}
