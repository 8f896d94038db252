import {
  type BankClient,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from '../../../../../client/index.ts';
import type { Move, MoveOutcome } from './books.ts';

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
