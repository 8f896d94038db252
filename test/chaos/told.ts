import type { Outcome } from '../../infra/drill/books.ts';
import type { HistoryEvent } from '../history/event.ts';
import type { Asked } from './messages.ts';

type What = Pick<HistoryEvent, 'operation' | 'account' | 'amount' | 'key'>;

/** What is asked, in the words of a history. */
export function whatIsAsked(asked: Asked): What {
  switch (asked.kind) {
    case 'balance':
      return { operation: 'balance', account: asked.account };
    case 'cancel':
      return { operation: 'cancel', account: asked.move.account, key: asked.move.key };
    default: {
      const { kind, account, amountMinor, key } = asked;
      return { operation: kind, account, amount: amountMinor, key };
    }
  }
}

/** What was learned, in the words of a history. */
export function whatIsTold(
  outcome: Outcome,
  isCancel: boolean,
): Pick<HistoryEvent, 'type' | 'balance' | 'code'> {
  switch (outcome.kind) {
    case 'executed':
    case 'told':
      return { type: 'ok', balance: outcome.balanceMinor };
    case 'refused':
      // To be told that it is cancelled is what whoever cancels has asked for.
      return isCancel && outcome.code === 'cancelled'
        ? { type: 'ok' }
        : { type: 'refused', code: outcome.code };
    case 'not_executed':
      return { type: 'refused', code: 'unavailable' };
    case 'unknown':
      return { type: 'unknown' };
  }
}
