import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Page } from '../bank/book.ts';
import type { Append, Condition } from '../bank/decide.ts';
import { MAX_HEAD_ENTRIES, PROTOCOL_VERSION } from '../bank/limits.ts';
import type { Attributes } from './attributes.ts';
import { encodeEntry } from './entry-text.ts';
import { ATTRIBUTES, bytesOf } from './items.ts';

const APPENDING_NAMES = names('sequence', 'entries', 'keys', 'needs');
const APPENDING_VALUES: Attributes = {
  ':none': { L: [] },
  ':zero': number(0),
  ':one': number(1),
  ':full': number(MAX_HEAD_ENTRIES),
  ':version': number(PROTOCOL_VERSION),
};

/** The parts of an UpdateItem that say what is written and on which condition. */
export interface UpdateExpressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Attributes;
}

/**
 * Puts an append into DynamoDB's words. The right-hand side of SET reads the item as it was. Everything that keeps money
 * safe is in the condition: without one of its lines, an invariant breaks.
 *
 * A comparison with an attribute that is absent is false, which is why guards are written with NOT.
 */
export function appending({ entry, guard, conditions }: Append): UpdateExpressions {
  const { changeMinor, heldChangeMinor } = entry;
  const required = conditions.map(conditionOf);
  const key = { B: bytesOf(entry.key) };
  return {
    UpdateExpression: `SET ${[
      '#sequence = if_not_exists(#sequence, :zero) + :one',
      '#entries = list_append(if_not_exists(#entries, :none), :entry)',
      '#keys = list_append(if_not_exists(#keys, :none), :keys)',
      ...(changeMinor === 0n ? [] : ['#balance = if_not_exists(#balance, :zero) + :change']),
      ...(heldChangeMinor === 0n ? [] : ['#held = if_not_exists(#held, :zero) + :held']),
    ].join(', ')}`,
    ConditionExpression: [
      'NOT contains(#keys, :key)',
      guard.kind === 'above_watermark' ? 'NOT #watermark >= :key' : turnedIs(guard.turned),
      '(attribute_not_exists(#keys) OR size(#keys) < :full)',
      'NOT #needs > :version',
      ...required.map(({ says }) => says),
    ].join(' AND '),
    ExpressionAttributeNames: {
      ...APPENDING_NAMES,
      ...(guard.kind === 'above_watermark' ? names('watermark') : names('turned')),
      ...(changeMinor === 0n && required.length === 0 ? {} : names('balance')),
      ...(heldChangeMinor === 0n ? {} : names('held')),
    },
    ExpressionAttributeValues: {
      ...APPENDING_VALUES,
      ':key': key,
      ':keys': { L: [key] },
      ':entry': { L: [{ S: encodeEntry(entry) }] },
      ...(guard.kind === 'searched' && guard.turned > 0 ? { ':turned': number(guard.turned) } : {}),
      ...(changeMinor === 0n ? {} : { ':change': number(changeMinor) }),
      ...(heldChangeMinor === 0n ? {} : { ':held': number(heldChangeMinor) }),
      ...Object.assign({}, ...required.map(({ values }) => values)),
    },
  };
}

/** Takes a page's entries off the head by their places, and counts them as turned, if no page was turned since. */
export function dropping({ start, entries, watermark }: Page): UpdateExpressions {
  const places = entries.flatMap((_, index) => [`#entries[${index}]`, `#keys[${index}]`]);
  return {
    UpdateExpression: `SET #turned = :end, #watermark = :watermark REMOVE ${places.join(', ')}`,
    ConditionExpression: `${turnedIs(start)} AND size(#keys) >= :count AND NOT #needs > :version`,
    ExpressionAttributeNames: names('entries', 'keys', 'turned', 'watermark', 'needs'),
    ExpressionAttributeValues: {
      ...(start === 0 ? {} : { ':turned': number(start) }),
      ':end': number(start + entries.length),
      ':count': number(entries.length),
      ':version': number(PROTOCOL_VERSION),
      ':watermark': { B: bytesOf(watermark) },
    },
  };
}

/** `turned` is absent until the first page was turned. */
function turnedIs(turned: number): string {
  return turned === 0 ? 'attribute_not_exists(#turned)' : '#turned = :turned';
}

function conditionOf({ requirement, holds }: Condition, index: number) {
  const name = `:required${index}`;
  switch (requirement.kind) {
    case 'exists':
      return { says: holds ? 'attribute_exists(#balance)' : 'attribute_not_exists(#balance)', values: {} };
    case 'balance_at_least':
      return {
        says: `#balance ${holds ? '>=' : '<'} ${name}`,
        values: { [name]: number(requirement.amountMinor) },
      };
    case 'balance_at_most':
      return {
        says: holds ? `NOT #balance > ${name}` : `#balance > ${name}`,
        values: { [name]: number(requirement.amountMinor) },
      };
  }
}

function number(value: bigint | number): AttributeValue {
  return { N: String(value) };
}

function names(...attributes: readonly (keyof typeof ATTRIBUTES)[]): Record<string, string> {
  return Object.fromEntries(attributes.map((each) => [`#${each}`, ATTRIBUTES[each]]));
}
