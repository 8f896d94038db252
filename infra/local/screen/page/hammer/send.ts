import {
  type BankClient,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from '../../../../../client/index.ts';
import type { Move, MoveOutcome, OpenMove, Settled } from './books.ts';

/** Sends a call, and says what it came to. A bug of this page is thrown. */
export async function send(client: BankClient, { what, account, amount }: Move): Promise<MoveOutcome> {
  try {
    await client[what](account, amount);
    return { kind: 'executed' };
  } catch (error) {
    if (error instanceof RefusedError) return { kind: 'refused' };
    if (error instanceof UnavailableError) return { kind: 'unavailable' };
    if (error instanceof OutcomeUnknownError) return { kind: 'unknown', key: error.key };
    throw error;
  }
}

/**
 * Closes the matter of a call that nobody answered, by cancelling its key: then it has been executed or it never will be. A
 * retry would not do: it can be turned away while an earlier attempt is still on its way. Null while nobody can tell.
 */
export async function settle(client: BankClient, { account, key }: OpenMove): Promise<Settled | null> {
  try {
    return (await client.cancel(account, key)).outcome;
  } catch (error) {
    const isOpen =
      error instanceof RefusedError ||
      error instanceof UnavailableError ||
      error instanceof OutcomeUnknownError;
    if (isOpen) return null;
    throw error;
  }
}
