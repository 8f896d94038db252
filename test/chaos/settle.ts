import type { BankClient } from '../../client/client.ts';
import { ask, cancel } from '../../infra/drill/ask.ts';
import { forEach, insist, type Patience } from '../../infra/drill/patience.ts';
import { isForGood } from '../../infra/drill/settle.ts';
import { type Known, type Ledger, THE_RUN } from './ledger.ts';
import type { Asked } from './messages.ts';

/** After so many retries that nobody answered the matter is closed the other way: the key shall not execute. */
const RETRIES = 5;

/** Settles every call of which nobody knows yet what came of it, and enters that in the ledger. */
export async function settleAll(ledger: Ledger, client: BankClient, patience: Patience): Promise<void> {
  await forEach(ledger.unknown, async (known) => {
    // One for each call, since a name in the history asks for one thing at a time.
    const process = `settler-${known.number}`;
    await insist(patience, async (tries) => {
      const outcome = await askAbout(known, tries > RETRIES, { ledger, client, process });
      return isForGood(outcome) ? outcome : undefined;
    });
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
