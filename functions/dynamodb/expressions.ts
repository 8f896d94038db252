import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Append } from '../bank/append.ts';
import { countedAs, type Page } from '../bank/book.ts';
import type { StatusChange } from '../bank/entry.ts';
import { FREEZE_VERSION, MAX_HEAD_ENTRIES, PROTOCOL_VERSION } from '../bank/limits.ts';
import { type Marking, shardOf } from '../bank/mark.ts';
import type { Condition } from '../bank/operations/operation.ts';
import type { Attributes } from './attributes.ts';
import { encodeEntry } from './entry-text.ts';
import { ATTRIBUTES } from './items.ts';
import { encodeMark, markName } from './mark-text.ts';
import { bytesOf } from './uuid.ts';

/** The expressions of an UpdateItem: what it writes and on which condition. */
export interface UpdateExpressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Attributes;
}

/** Builds the expressions of an UpdateItem. */
class Update {
  readonly sets: string[] = [];
  readonly adds: string[] = [];
  readonly removes: string[] = [];
  readonly conditions: string[] = ['NOT #needs > :version'];
  /** Names of attributes that are not in {@link ATTRIBUTES}. */
  readonly names: Record<string, string> = {};
  readonly values: Attributes = { ':version': number(PROTOCOL_VERSION) };

  /** Adds to a number, which counts as 0 if it is absent. */
  add(attribute: keyof typeof ATTRIBUTES, change: bigint | number): void {
    if (BigInt(change) !== 0n) {
      this.adds.push(`#${attribute} :${attribute}`);
      this.values[`:${attribute}`] = number(change);
    }
  }

  expressions(): UpdateExpressions {
    const { sets, adds, removes } = this;
    const update = Object.entries({ SET: sets, ADD: adds, REMOVE: removes })
      .filter(([, parts]) => parts.length > 0)
      .map(([word, parts]) => `${word} ${parts.join(', ')}`)
      .join(' ');
    const condition = this.conditions.join(' AND ');
    const names = { ...this.names };
    for (const [name] of `${update} ${condition}`.matchAll(/#[a-z]+\b/gi)) {
      names[name] = ATTRIBUTES[name.slice(1) as keyof typeof ATTRIBUTES];
    }
    return {
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: this.values,
    };
  }
}

/**
 * Makes the expressions of an append. Everything that keeps money safe is in the condition: without one of its lines, an invariant breaks.
 *
 * The right-hand side of SET reads the item as it was before. A comparison with an absent attribute is false, so guards are written with
 * NOT.
 */
export function appending({
  account,
  entries,
  guard,
  conditions,
  marking,
  status,
}: Append): UpdateExpressions {
  const update = new Update();
  const keys = entries.map(({ key }) => ({ B: bytesOf(key) }));
  update.sets.push(
    '#entries = list_append(if_not_exists(#entries, :none), :entries)',
    '#keys = list_append(if_not_exists(#keys, :none), :keys)',
  );
  update.add('sequence', entries.length);
  update.add(
    'balance',
    entries.reduce((sum, { changeMinor }) => sum + changeMinor, 0n),
  );
  update.add(
    'held',
    entries.reduce((sum, { heldChangeMinor }) => sum + heldChangeMinor, 0n),
  );
  update.conditions.push(
    ...keys.map((_, index) => `NOT contains(#keys, :key${index})`),
    `attribute_not_exists(#keys[${MAX_HEAD_ENTRIES - entries.length}])`,
  );
  Object.assign(update.values, {
    ':none': { L: [] },
    ':keys': { L: keys },
    ':entries': { L: entries.map((entry) => ({ S: encodeEntry(entry) })) },
    ...Object.fromEntries(keys.map((key, index) => [`:key${index}`, key])),
  });
  if (guard.kind === 'above_watermark') {
    // All keys are above the watermark if the lowest one is.
    update.conditions.push('NOT #watermark >= :lowest');
    update.values[':lowest'] = { B: bytesOf(lowest(entries.map(({ key }) => key))) };
  }
  if (guard.kind === 'searched') {
    update.conditions.push(turnedIs(guard.turned, update));
  }
  update.conditions.push(...conditions.map((each, index) => conditionIn(update, each, index)));
  if (marking !== undefined) {
    changeMarks(update, account, marking);
  }
  if (status !== undefined) {
    changeStatus(update, status);
  }
  return update.expressions();
}

function lowest(keys: readonly string[]): string {
  return keys.reduce((one, other) => (one < other ? one : other));
}

/**
 * Changes marks, on condition that the changed or removed ones are as they were read, so that only one write can end a hold or a transfer.
 * `open` counts all marks, including those of unknown kinds; `holds` and `transfers` count theirs, and refunds count as transfers. The
 * write that removes the last mark also removes the counts and the due time. While there are marks, the due time never becomes later.
 */
function changeMarks(update: Update, account: string, { changes, isLast, due }: Marking): void {
  const { sets, removes, conditions, names, values } = update;
  for (const [index, { key, before, after }] of changes.entries()) {
    names[`#mark${index}`] = markName(key);
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
  const opened = openedBy(changes);
  if (opened.open < 0) {
    conditions.push(isLast ? '#open = :one' : '#open > :one');
    values[':one'] = number(1);
  }
  if (opened.open < 0 && isLast) {
    removes.push('#open', '#holds', '#transfers', '#dueShard', '#dueAt');
  } else {
    update.add('open', opened.open);
    update.add('holds', opened.holds);
    update.add('transfers', opened.transfers);
  }
  if (due !== undefined) {
    conditions.push(due.isEarlier ? 'NOT #dueAt < :due' : 'NOT #dueAt > :due');
    sets.push(due.isEarlier ? '#dueAt = :due' : '#dueAt = if_not_exists(#dueAt, :due)', '#dueShard = :shard');
    values[':due'] = number(due.atMs);
    values[':shard'] = number(shardOf(account));
  }
}

/** By how much a write changes the counts of marks. */
function openedBy(changes: Marking['changes']) {
  const opened = { open: 0, holds: 0, transfers: 0 };
  for (const { before, after } of changes) {
    for (const [mark, difference] of [
      [before, -1],
      [after, 1],
    ] as const) {
      if (mark !== undefined) {
        opened.open += difference;
        const counted = countedAs(mark);
        opened.holds += counted === 'hold' ? difference : 0;
        opened.transfers += counted === 'transfer' ? difference : 0;
      }
    }
  }
  return opened;
}

/**
 * Freezes or opens sides of an account. While a side is frozen, a function of a version that does not know of freezes must not write the
 * item. A call that opens both sides lets it write again.
 */
function changeStatus({ sets, removes, values }: Update, status: StatusChange): void {
  const sides = ['debits', 'credits'] as const;
  const frozen = sides.filter((side) => status[side] === 'frozen');
  const opened = sides.filter((side) => status[side] === 'open');
  removes.push(...opened.map((side) => `#${side}`));
  if (opened.length === sides.length) {
    removes.push('#needs');
  }
  if (frozen.length > 0) {
    sets.push(...frozen.map((side) => `#${side} = :frozen`), '#needs = :freeze');
    values[':frozen'] = { S: 'frozen' };
    values[':freeze'] = number(FREEZE_VERSION);
  }
}

/** Changes the due time, unless an entry was appended since the marks were read. */
export function rescheduling(due: { readonly sequence: number; readonly atMs: number }): UpdateExpressions {
  const update = new Update();
  update.sets.push('#dueAt = :due');
  update.conditions.push('#sequence = :sequence', 'attribute_exists(#dueAt)');
  update.values[':due'] = number(due.atMs);
  update.values[':sequence'] = number(due.sequence);
  return update.expressions();
}

/** Removes a page's entries from the head by their positions and counts them as turned, unless another page was turned meanwhile. */
export function dropping({ start, entries, watermark }: Page): UpdateExpressions {
  const update = new Update();
  update.sets.push('#turned = :end', '#watermark = :watermark');
  update.removes.push(...entries.flatMap((_, index) => [`#entries[${index}]`, `#keys[${index}]`]));
  update.conditions.push(turnedIs(start, update), 'size(#keys) >= :count');
  update.values[':end'] = number(start + entries.length);
  update.values[':watermark'] = { B: bytesOf(watermark) };
  update.values[':count'] = number(entries.length);
  return update.expressions();
}

/** The condition that this many entries are on pages. `turned` is absent until the first page was turned. */
function turnedIs(turned: number, { values }: Update, name = ':turned'): string {
  if (turned === 0) {
    return 'attribute_not_exists(#turned)';
  }
  values[name] = number(turned);
  return `#turned = ${name}`;
}

function conditionIn(update: Update, { predicate, expected }: Condition, index: number): string {
  const { names, values } = update;
  const name = `:required${index}`;
  switch (predicate.kind) {
    case 'exists':
      return `attribute_${expected ? '' : 'not_'}exists(#balance)`;
    case 'balance_at_least':
      values[name] = number(predicate.amountMinor);
      return `#balance ${expected ? '>=' : '<'} ${name}`;
    case 'balance_at_most': {
      values[name] = number(predicate.amountMinor);
      // An absent balance counts as 0, and every comparison with it is false. The deposits of a batch may allow only less than 0.
      const isAtMost = predicate.amountMinor < 0n ? `#balance <= ${name}` : `NOT #balance > ${name}`;
      return expected ? isAtMost : `NOT (${isAtMost})`;
    }
    case 'not_frozen':
      return `attribute_${expected ? 'not_' : ''}exists(#${predicate.side})`;
    case 'open_below':
      values[name] = number(predicate.count);
      return `${expected ? 'NOT ' : ''}#${predicate.of}s >= ${name}`;
    case 'never_used': {
      values[name] = { B: bytesOf(predicate.key) };
      const isUnused = `NOT contains(#keys, ${name}) AND ${turnedIs(predicate.turned, update, `${name}turned`)}`;
      return expected ? isUnused : `NOT (${isUnused})`;
    }
    case 'mark': {
      const attribute = `#required${index}`;
      names[attribute] = markName(predicate.key);
      if (predicate.mark === undefined) {
        return `attribute_${expected ? 'not_' : ''}exists(${attribute})`;
      }
      values[name] = { S: encodeMark(predicate.mark) };
      return `${expected ? '' : 'NOT '}${attribute} = ${name}`;
    }
  }
}

function number(value: bigint | number): AttributeValue {
  return { N: String(value) };
}
