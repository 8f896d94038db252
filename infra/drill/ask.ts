import type { BankClient } from '../../client/client.ts';
import { OutcomeUnknownError, RefusedError, UnavailableError } from '../../client/errors.ts';
import type { MoveRequest, Outcome, Request } from './books.ts';

/** What a client made of a request. */
export interface Answer {
  readonly outcome: Outcome;
  /** Region that answered; undefined when none did. */
  readonly region: string | undefined;
}

/**
 * Asks the bank; a deposit or withdrawal without a key has the client mint one. Whatever may come of a call is an answer;
 * anything else is a fault of the drill's own, and is thrown.
 */
export function ask(client: BankClient, request: Request | Omit<MoveRequest, 'key'>): Promise<Answer> {
  return answerOf(async () => {
    if (request.kind === 'balance') {
      const { balance, region } = await client.balance(request.account);
      return { outcome: { kind: 'told', balanceMinor: balance }, region };
    }
    const { kind, account, amountMinor, ...options } = request;
    const { balance, region } = await client[kind](account, amountMinor, options);
    return { outcome: { kind: 'executed', balanceMinor: balance }, region };
  });
}

/** Closes the matter of a key: it has executed, or it never will. */
export function cancel(client: BankClient, { account, key }: MoveRequest): Promise<Answer> {
  return answerOf(async () => {
    const told = await client.cancel(account, key);
    switch (told.outcome) {
      case 'executed':
        return { outcome: { kind: 'executed', balanceMinor: told.balance }, region: told.region };
      case 'refused':
        return { outcome: { kind: 'refused', code: told.code, detail: told.detail }, region: told.region };
      case 'cancelled':
        return { outcome: { kind: 'refused', code: 'cancelled', detail: '' }, region: told.region };
    }
  });
}

async function answerOf(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof RefusedError) {
      const { code, message, region } = error;
      return { outcome: { kind: 'refused', code, detail: message }, region };
    }
    if (error instanceof UnavailableError) return { outcome: { kind: 'not_executed' }, region: undefined };
    if (error instanceof OutcomeUnknownError) return { outcome: { kind: 'unknown' }, region: undefined };
    throw error;
  }
}
