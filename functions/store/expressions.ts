import { MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import type { Call, RecordedRefusal } from '../core/account.ts';
import type { Change } from '../core/decide.ts';
import { ATTRIBUTES, encodeCall } from './item.ts';

/** The parts of an UpdateItem that say what is written and on which condition. */
export interface UpdateExpressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, bigint | string>;
}

/**
 * Puts a change into DynamoDB's words. The right-hand side of SET reads the item as it was, so the reply can hold the
 * new balance. Everything that keeps money safe is in the condition: whoever removes a line from it breaks an invariant.
 */
export function expressionsFor(change: Change): UpdateExpressions {
  const { call } = change;
  const effect = effectOf(change);
  return {
    UpdateExpression: `SET ${[...effect.sets, '#call = :call'].join(', ')}${change.liftFullMark ? ' REMOVE #full' : ''}`,
    ConditionExpression: [
      'attribute_not_exists(#reply)',
      '(attribute_not_exists(#watermark) OR #watermark < :key)',
      ...(change.liftFullMark ? [] : ['attribute_not_exists(#full)']),
      effect.condition,
    ].join(' AND '),
    ExpressionAttributeNames: {
      '#balance': ATTRIBUTES.balance,
      '#watermark': ATTRIBUTES.watermark,
      '#full': ATTRIBUTES.full,
      '#reply': ATTRIBUTES.reply(call.key),
      '#call': ATTRIBUTES.call(call.key),
    },
    ExpressionAttributeValues: { ':key': call.key, ':call': encodeCall(call), ...effect.values },
  };
}

interface Effect {
  readonly sets: readonly string[];
  readonly condition: string;
  readonly values: Record<string, bigint | string>;
}

function effectOf(change: Change): Effect {
  switch (change.kind) {
    case 'execute':
      return change.call.move === 'deposit' ? depositing(change.call) : withdrawing(change.call);
    case 'refuse': {
      const reason = reasonOf(change.code, change.call);
      return {
        sets: ['#reply = :code'],
        condition: reason.condition,
        values: { ':code': change.code, ...reason.values },
      };
    }
  }
}

function depositing({ amountMinor }: Call): Effect {
  const sum = 'if_not_exists(#balance, :zero) + :amount';
  return {
    sets: [`#balance = ${sum}`, `#reply = ${sum}`],
    condition: '(attribute_not_exists(#balance) OR #balance <= :room)',
    values: { ':zero': 0n, ':amount': amountMinor, ':room': MAX_AMOUNT_MINOR - amountMinor },
  };
}

function withdrawing({ amountMinor }: Call): Effect {
  return {
    sets: ['#balance = #balance - :amount', '#reply = #balance - :amount'],
    condition: '#balance >= :amount',
    values: { ':amount': amountMinor },
  };
}

/** A refusal is recorded only while it is still true; otherwise the call gets another chance to be executed. */
function reasonOf(code: RecordedRefusal, { amountMinor }: Call): Omit<Effect, 'sets'> {
  switch (code) {
    case 'no_such_account':
      return { condition: 'attribute_not_exists(#balance)', values: {} };
    case 'not_enough_money':
      return { condition: '#balance < :amount', values: { ':amount': amountMinor } };
    case 'balance_too_large':
      return { condition: '#balance > :room', values: { ':room': MAX_AMOUNT_MINOR - amountMinor } };
  }
}
