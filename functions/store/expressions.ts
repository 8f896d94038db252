import { MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import type { Call, RecordedRefusal, Subject } from '../core/account.ts';
import type { Change } from '../core/decide.ts';
import { ATTRIBUTES, CANCELLED, encodeCall } from './item.ts';

/** The parts of an UpdateItem that say what is written and on which condition. */
export interface UpdateExpressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, bigint | string | boolean>;
}

/**
 * Puts a change into DynamoDB's words. The right-hand side of SET reads the item as it was, so the reply can hold the
 * new balance. Everything that keeps money safe is in the condition: whoever removes a line from it breaks an invariant.
 */
export function expressionsFor(change: Change): UpdateExpressions {
  const { key } = change.call;
  const effect = effectOf(change);
  const removed = removing(change.acknowledge);
  const removes = [...(change.liftFullMark ? ['#full'] : []), ...Object.keys(removed)];
  return {
    UpdateExpression: `SET ${effect.sets.join(', ')}${removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`}`,
    ConditionExpression: [
      'attribute_not_exists(#reply)',
      '(attribute_not_exists(#watermark) OR #watermark < :key)',
      ...(change.liftFullMark ? [] : ['attribute_not_exists(#full)']),
      ...effect.conditions,
    ].join(' AND '),
    ExpressionAttributeNames: {
      '#watermark': ATTRIBUTES.watermark,
      '#full': ATTRIBUTES.full,
      '#reply': ATTRIBUTES.reply(key),
      '#call': ATTRIBUTES.call(key),
      ...effect.names,
      ...removed,
    },
    ExpressionAttributeValues: { ':key': key, ...effect.values },
  };
}

/** Placeholders and names of the attributes that leave with these replies, for a REMOVE. */
export function removing(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key, index) => [
      [`#call${index}`, ATTRIBUTES.call(key)],
      [`#reply${index}`, ATTRIBUTES.reply(key)],
    ]),
  );
}

interface Effect {
  readonly sets: readonly string[];
  readonly conditions: readonly string[];
  readonly names: Record<string, string>;
  readonly values: Record<string, bigint | string>;
}

const BALANCE = { '#balance': ATTRIBUTES.balance };

/**
 * Counted up where an item without a balance may be about to be removed, which then does not happen. It begins at the
 * random part of the key that makes the item, so that a removal which arrives late does not take a new item for the one
 * that it was about.
 */
function nextRevision({ key }: Subject) {
  return {
    set: '#revision = if_not_exists(#revision, :start) + :one',
    names: { '#revision': ATTRIBUTES.revision },
    values: { ':start': firstRevision(key), ':one': 1n },
  };
}

/** The last 48 bits of a UUIDv7, which are random. */
function firstRevision(key: string): bigint {
  return BigInt(`0x${key.slice(-12)}`);
}

function effectOf(change: Change): Effect {
  switch (change.kind) {
    case 'execute':
      return change.call.move === 'deposit' ? depositing(change.call) : withdrawing(change.call);
    case 'refuse':
      return refusing(change.code, change.call);
    case 'cancel': {
      const revision = nextRevision(change.call);
      return {
        sets: ['#call = :call', '#reply = :reply', revision.set],
        conditions: [],
        names: revision.names,
        values: { ':call': CANCELLED.call, ':reply': CANCELLED.reply, ...revision.values },
      };
    }
  }
}

function depositing(call: Call): Effect {
  const sum = 'if_not_exists(#balance, :zero) + :amount';
  return {
    sets: [`#balance = ${sum}`, `#reply = ${sum}`, '#call = :call'],
    conditions: ['(attribute_not_exists(#balance) OR #balance <= :room)'],
    names: BALANCE,
    values: {
      ':call': encodeCall(call),
      ':zero': 0n,
      ':amount': call.amountMinor,
      ':room': MAX_AMOUNT_MINOR - call.amountMinor,
    },
  };
}

function withdrawing(call: Call): Effect {
  return {
    sets: ['#balance = #balance - :amount', '#reply = #balance - :amount', '#call = :call'],
    conditions: ['#balance >= :amount'],
    names: BALANCE,
    values: { ':call': encodeCall(call), ':amount': call.amountMinor },
  };
}

/** A refusal is recorded only while it is still true; otherwise the call gets another chance to be executed. */
function refusing(code: RecordedRefusal, call: Call): Effect {
  const sets = ['#call = :call', '#reply = :code'];
  const values = { ':call': encodeCall(call), ':code': code };
  switch (code) {
    case 'no_such_account': {
      const revision = nextRevision(call);
      return {
        sets: [...sets, revision.set],
        conditions: ['attribute_not_exists(#balance)'],
        names: { ...BALANCE, ...revision.names },
        values: { ...values, ...revision.values },
      };
    }
    case 'not_enough_money':
      return {
        sets,
        conditions: ['#balance < :amount'],
        names: BALANCE,
        values: { ...values, ':amount': call.amountMinor },
      };
    case 'balance_too_large':
      return {
        sets,
        conditions: ['#balance > :room'],
        names: BALANCE,
        values: { ...values, ':room': MAX_AMOUNT_MINOR - call.amountMinor },
      };
  }
}
