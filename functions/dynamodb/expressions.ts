import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { countedAs, type Page } from '../bank/book.ts';
import type { Append, Marking } from '../bank/decide.ts';
import type { StatusChange } from '../bank/entry.ts';
import { FREEZE_VERSION, MAX_HEAD_ENTRIES, PROTOCOL_VERSION } from '../bank/limits.ts';
import { type Mark, shardOf } from '../bank/mark.ts';
import type { Condition } from '../bank/operations/operation.ts';
import type { Attributes } from './attributes.ts';
import { encodeEntry } from './entry-text.ts';
import { ATTRIBUTES } from './items.ts';
import { encodeMark, markName } from './mark-text.ts';
import { bytesOf } from './uuid.ts';

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
export function appending({ account, entry, guard, conditions, marking, status }: Append): UpdateExpressions {
  const { changeMinor, heldChangeMinor } = entry;
  const required = conditions.map(conditionOf);
  const marked = marking === undefined ? NOTHING : markingIn(account, marking);
  const set = status === undefined ? NOTHING : settingOf(status);
  const removes = [...marked.removes, ...set.removes];
  const key = { B: bytesOf(entry.key) };
  return {
    UpdateExpression: [
      `SET ${[
        '#sequence = if_not_exists(#sequence, :zero) + :one',
        '#entries = list_append(if_not_exists(#entries, :none), :entry)',
        '#keys = list_append(if_not_exists(#keys, :none), :keys)',
        ...(changeMinor === 0n ? [] : ['#balance = if_not_exists(#balance, :zero) + :change']),
        ...(heldChangeMinor === 0n ? [] : ['#held = if_not_exists(#held, :zero) + :held']),
        ...marked.sets,
        ...set.sets,
      ].join(', ')}`,
      ...(removes.length === 0 ? [] : [`REMOVE ${removes.join(', ')}`]),
    ].join(' '),
    ConditionExpression: [
      'NOT contains(#keys, :key)',
      ...(guard.kind === 'above_watermark' ? ['NOT #watermark >= :key'] : []),
      ...(guard.kind === 'searched' ? [turnedIs(guard.turned)] : []),
      '(attribute_not_exists(#keys) OR size(#keys) < :full)',
      'NOT #needs > :version',
      ...required.map(({ says }) => says),
      ...marked.conditions,
    ].join(' AND '),
    ExpressionAttributeNames: {
      ...APPENDING_NAMES,
      ...(guard.kind === 'above_watermark' ? names('watermark') : {}),
      ...(guard.kind === 'searched' ? names('turned') : {}),
      ...(changeMinor === 0n ? {} : names('balance')),
      ...(heldChangeMinor === 0n ? {} : names('held')),
      ...Object.assign({}, ...required.map((each) => each.names)),
      ...marked.names,
      ...set.names,
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
      ...marked.values,
      ...set.values,
    },
  };
}

/** What a change of marks, or of the status, adds to an append. */
interface Parts {
  readonly sets: readonly string[];
  readonly removes: readonly string[];
  readonly conditions: readonly string[];
  readonly names: Record<string, string>;
  readonly values: Attributes;
}

const NOTHING: Parts = { sets: [], removes: [], conditions: [], names: {}, values: {} };

/**
 * Changes marks, if those that are changed or removed are as they were seen: so only one write can end a hold or a transfer. `open`
 * counts all of them, also those of kinds that only a newer version knows, `holds` and `transfers` those of each kind, refunds among the transfers. With the last one go
 * the counts, and the time at which the sweep has to look; that never becomes later while there are others.
 */
function markingIn(account: string, { changes, isLast, due }: Marking): Parts {
  const sets: string[] = [];
  const removes: string[] = [];
  const conditions: string[] = [];
  const values: Attributes = {};
  const opened = openedBy(changes);
  const closesLast = opened.open < 0 && isLast;
  for (const [index, { before, after }] of changes.entries()) {
    if (before !== undefined) {
      conditions.push(`#mark${index} = :before${index}`);
      values[`:before${index}`] = { S: encodeMark(before) };
    }
    if (after === undefined) {
      removes.push(`#mark${index}`);
    } else {
      sets.push(`#mark${index} = :after${index}`);
      values[`:after${index}`] = { S: encodeMark(after) };
    }
  }
  if (opened.open < 0) {
    conditions.push(isLast ? '#open = :one' : '#open > :one');
  }
  if (closesLast) {
    removes.push('#open', '#holds', '#transfers', '#dueShard', '#dueAt');
  } else {
    for (const [count, difference] of Object.entries(opened)) {
      if (difference > 0) {
        sets.push(`#${count} = if_not_exists(#${count}, :zero) + :one`);
      }
      if (difference < 0) {
        sets.push(`#${count} = #${count} - :one`);
      }
    }
  }
  if (due !== undefined) {
    conditions.push(due.isEarlier ? 'NOT #dueAt < :due' : 'NOT #dueAt > :due');
    sets.push(due.isEarlier ? '#dueAt = :due' : '#dueAt = if_not_exists(#dueAt, :due)', '#dueShard = :shard');
    values[':due'] = number(due.atMs);
    values[':shard'] = number(shardOf(account));
  }
  return {
    sets,
    removes,
    conditions,
    values,
    names: {
      ...Object.fromEntries(changes.map(({ key }, index) => [`#mark${index}`, markName(key)])),
      ...(opened.open === 0 ? {} : names('open')),
      ...(closesLast || opened.holds !== 0 ? names('holds') : {}),
      ...(closesLast || opened.transfers !== 0 ? names('transfers') : {}),
      ...(closesLast || due !== undefined ? names('dueShard', 'dueAt') : {}),
    },
  };
}

/**
 * Freezes or opens sides of an account. While one of them is frozen, functions of a version that knows nothing of it must not write the
 * item; a call that opens both lets them again.
 */
function settingOf(status: StatusChange): Parts {
  const sides = ['debits', 'credits'] as const;
  const frozen = sides.filter((side) => status[side] === 'frozen');
  const opened = sides.filter((side) => status[side] === 'open');
  return {
    ...NOTHING,
    sets: frozen.length === 0 ? [] : [...frozen.map((side) => `#${side} = :frozen`), '#needs = :freeze'],
    removes: [...opened, ...(opened.length === sides.length ? (['needs'] as const) : [])].map(
      (each) => `#${each}`,
    ),
    names: names(...frozen, ...opened),
    values: frozen.length === 0 ? {} : { ':frozen': { S: 'frozen' }, ':freeze': number(FREEZE_VERSION) },
  };
}

/** How many more marks a write leaves than it finds: of all kinds, and of each. */
function openedBy(changes: Marking['changes']) {
  const opened = { open: 0, holds: 0, transfers: 0 };
  const count = (mark: Mark | undefined, difference: number) => {
    if (mark !== undefined) {
      opened.open += difference;
    }
    const counted = mark === undefined ? undefined : countedAs(mark);
    if (counted === 'hold') {
      opened.holds += difference;
    }
    if (counted === 'transfer') {
      opened.transfers += difference;
    }
  };
  for (const { before, after } of changes) {
    count(before, -1);
    count(after, 1);
  }
  return opened;
}

/** Moves the time at which the sweep has to look, if nothing was appended since the marks were read. */
export function rescheduling({
  sequence,
  atMs,
}: {
  readonly sequence: number;
  readonly atMs: number;
}): UpdateExpressions {
  return {
    UpdateExpression: 'SET #dueAt = :due',
    ConditionExpression: '#sequence = :sequence AND attribute_exists(#dueAt) AND NOT #needs > :version',
    ExpressionAttributeNames: names('sequence', 'dueAt', 'needs'),
    ExpressionAttributeValues: {
      ':sequence': number(sequence),
      ':due': number(atMs),
      ':version': number(PROTOCOL_VERSION),
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
function turnedIs(turned: number, name = ':turned'): string {
  return turned === 0 ? 'attribute_not_exists(#turned)' : `#turned = ${name}`;
}

function conditionOf({ predicate, holds }: Condition, index: number) {
  const name = `:required${index}`;
  switch (predicate.kind) {
    case 'exists':
      return {
        says: holds ? 'attribute_exists(#balance)' : 'attribute_not_exists(#balance)',
        names: names('balance'),
        values: {},
      };
    case 'balance_at_least':
      return {
        says: `#balance ${holds ? '>=' : '<'} ${name}`,
        names: names('balance'),
        values: { [name]: number(predicate.amountMinor) },
      };
    case 'balance_at_most':
      return {
        says: holds ? `NOT #balance > ${name}` : `#balance > ${name}`,
        names: names('balance'),
        values: { [name]: number(predicate.amountMinor) },
      };
    case 'not_frozen':
      return {
        says: `attribute_${holds ? 'not_' : ''}exists(#${predicate.side})`,
        names: names(predicate.side),
        values: {},
      };
    case 'open_below': {
      const count = predicate.of === 'hold' ? 'holds' : 'transfers';
      return {
        says: `${holds ? 'NOT ' : ''}#${count} >= ${name}`,
        names: names(count),
        values: { [name]: number(predicate.count) },
      };
    }
    case 'never_used': {
      const { key, turned } = predicate;
      const says = `NOT contains(#keys, ${name}) AND ${turnedIs(turned, `${name}turned`)}`;
      return {
        says: holds ? says : `NOT (${says})`,
        names: names('turned'),
        values: {
          [name]: { B: bytesOf(key) },
          ...(turned === 0 ? {} : { [`${name}turned`]: number(turned) }),
        },
      };
    }
    case 'mark': {
      const { key, mark } = predicate;
      const isThere =
        mark === undefined ? `attribute_not_exists(#required${index})` : `#required${index} = ${name}`;
      return {
        says: holds ? isThere : `NOT ${isThere}`,
        names: { [`#required${index}`]: markName(key) },
        values: mark === undefined ? {} : { [name]: { S: encodeMark(mark) } },
      };
    }
  }
}

function number(value: bigint | number): AttributeValue {
  return { N: String(value) };
}

function names(...attributes: readonly (keyof typeof ATTRIBUTES)[]): Record<string, string> {
  return Object.fromEntries(attributes.map((each) => [`#${each}`, ATTRIBUTES[each]]));
}
