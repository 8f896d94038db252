import type { BankClient } from '../../client/client.ts';
import { isFinal } from '../../client/round.ts';
import { ask, cancel } from './ask.ts';
import { type Books, isMove, lastOutcome, type Outcome } from './books.ts';
import { forEach, insist, type Patience } from './patience.ts';

/** After so many retries that nobody answered the matter is closed the other way: the key shall not execute. */
const RETRIES = 5;

/**
 * Settles every call of which nobody knows what came of it, as its caller would: by the same call with the same key, and
 * when that is not answered either, by cancelling the key. What cannot be settled stays unknown.
 */
export async function settleUnknown(books: Books, client: BankClient, patience: Patience): Promise<void> {
  const unknown = books.entries.flatMap((entry, number) =>
    isMove(entry.request) && lastOutcome(entry).kind === 'unknown'
      ? [{ number, request: entry.request }]
      : [],
  );
  await forEach(unknown, async ({ number, request }) => {
    const answer = await insist(patience, async (tries) => {
      const told = await (tries <= RETRIES ? ask(client, request) : cancel(client, request));
      return isForGood(told.outcome) ? told : undefined;
    });
    if (answer !== undefined) books.settle(number, answer.outcome, answer.region);
  });
}

/** True for what a key is answered for ever. */
export function isForGood(outcome: Outcome): boolean {
  return outcome.kind === 'executed' || (outcome.kind === 'refused' && isFinal(outcome.code));
}

/** How many outcomes were unknown when their calls ended, and what was made of them. */
export interface Settlement {
  readonly unknown: number;
  readonly executed: number;
  readonly refused: number;
  readonly cancelled: number;
  readonly unsettled: number;
}

export function settlementOf({ entries }: Books): Settlement {
  const unknown = entries.filter(({ outcome }) => outcome.kind === 'unknown').map(lastOutcome);
  const refused = unknown.filter(({ kind }) => kind === 'refused');
  const cancelled = refused.filter((outcome) => outcome.kind === 'refused' && outcome.code === 'cancelled');
  return {
    unknown: unknown.length,
    executed: unknown.filter(({ kind }) => kind === 'executed').length,
    refused: refused.length - cancelled.length,
    cancelled: cancelled.length,
    unsettled: unknown.filter(({ kind }) => kind === 'unknown').length,
  };
}
