import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { markName } from '../../functions/dynamodb/mark-text.ts';
import { bytesOf, shortOf } from '../../functions/dynamodb/uuid.ts';
import type { FaultCode } from '../../infra/tools/books/verdict.ts';

/** What was done to the head of an account that has holds and transfers, and the faults that it must be found by. */
export type MarkDamage = readonly [string, (head: Attributes) => void, ...FaultCode[]];

const KEY = '01935e0a-0000-7000-8000-000000000000';

const number = (head: Attributes, name: string) => Number(head[name]?.N ?? 0);
const entriesOf = (head: Attributes): AttributeValue[] => head['entries']?.L ?? [];

function add(head: Attributes, name: string, change: number): void {
  head[name] = { N: String(number(head, name) + change) };
}

/** The name of the mark that begins with a letter: t for the transfer, h for the hold. */
function markIn(head: Attributes, letter: 't' | 'h'): string {
  const [name] = Object.entries(head).find(
    ([each, { S }]) => each.startsWith('mark:') && S?.startsWith(letter),
  ) ?? [''];
  return name;
}

function rewriteMark(head: Attributes, letter: 't' | 'h', write: (text: string) => string): void {
  const name = markIn(head, letter);
  head[name] = { S: write(head[name]?.S ?? '') };
}

/** Rewrites the entry of a kind. */
function rewrite(head: Attributes, kind: RegExp, write: (text: string) => string): void {
  const index = entriesOf(head).findIndex(({ S }) => kind.test(S ?? ''));
  if (index === -1) {
    throw new Error(`the head has no entry like ${kind}`);
  }
  entriesOf(head)[index] = { S: write(entriesOf(head)[index]?.S ?? '') };
}

/** Appends an entry, and what it moves. */
function append(head: Attributes, text: string): void {
  const [, change, held] = /^(-?\d+)\/(-?\d+) /.exec(text) ?? [];
  entriesOf(head).push({ S: text });
  head['keys']?.L?.push({ B: bytesOf(KEY) });
  add(head, 'sequence', 1);
  add(head, 'balance', Number(change));
  add(head, 'held', Number(held));
}

export const MARK_DAMAGES: readonly MarkDamage[] = [
  ['nothing', () => {}],
  ['the sweep looks earlier than it has to', (head) => add(head, 'dueAt', -1)],

  [
    'the mark of a transfer is removed, and counted out',
    (head) => {
      delete head[markIn(head, 't')];
      add(head, 'open', -1);
      add(head, 'transfers', -1);
    },
    'mark_wrong',
  ],
  ['the mark of a hold is removed', (head) => delete head[markIn(head, 'h')], 'mark_wrong', 'open_wrong'],
  [
    'the mark of a transfer has another amount',
    (head) => rewriteMark(head, 't', (text) => text.replace(' 17 ', ' 18 ')),
    'mark_wrong',
  ],
  [
    'the mark of a transfer has another payee',
    (head) => rewriteMark(head, 't', (text) => text.replace(' ann ', ' eve ')),
    'mark_wrong',
  ],
  [
    'more remains of a hold than was not captured',
    (head) => rewriteMark(head, 'h', (text) => text.replace(' 37 ', ' 50 ')),
    'mark_wrong',
  ],
  ['a mark cannot be read', (head) => rewriteMark(head, 'h', () => 'hello'), 'mark_wrong'],
  [
    'a mark is of no entry',
    (head) => {
      head[markName(KEY)] = { ...head[markIn(head, 'h')] } as AttributeValue;
      add(head, 'open', 1);
      add(head, 'holds', 1);
    },
    'mark_wrong',
  ],
  ['one mark more is counted', (head) => add(head, 'open', 1), 'open_wrong'],
  ['one hold more is counted', (head) => add(head, 'holds', 1), 'open_wrong'],
  ['no marks are counted', (head) => delete head['open'], 'open_wrong'],
  ['the sweep does not know when to look', (head) => delete head['dueAt'], 'due_wrong'],
  ['the sweep does not know where to look', (head) => delete head['dueShard'], 'due_wrong'],
  ['the sweep looks in another shard', (head) => add(head, 'dueShard', 1), 'due_wrong'],
  ['the sweep looks too late', (head) => add(head, 'dueAt', 3_600_000), 'due_wrong'],

  [
    'a settlement is of another transfer',
    (head) => rewrite(head, / sb? /, (text) => text.replace(/.{22}$/, shortOf(KEY))),
    'end_wrong',
    'mark_wrong',
  ],
  [
    'a settlement is of another payee',
    (head) => rewrite(head, / sb? /, (text) => text.replace(' ann ', ' eve ')),
    'end_wrong',
  ],
  [
    'a return gives back a unit less',
    (head) => {
      rewrite(head, / ub? /, (text) => text.replace('11/-11', '10/-10'));
      add(head, 'balance', -1);
      add(head, 'held', 1);
    },
    'end_wrong',
  ],
  [
    'a hold expires by a unit less than remained',
    (head) => {
      rewrite(head, / x /, (text) => text.replace('12/-12', '11/-11'));
      add(head, 'balance', -1);
      add(head, 'held', 1);
    },
    'end_wrong',
  ],
  [
    'a capture takes less than was asked',
    (head) => {
      rewrite(head, / pb? .* 14$/, (text) => text.replace(/ 14$/, ' 13'));
      rewrite(head, / pb? .* 13$/, (text) => text.replace('36/-50', '36/-49'));
      add(head, 'held', 1);
    },
    'end_wrong',
  ],
  [
    'a hold that has ended is voided',
    (head) => append(head, `16/-16 m3x8k2ab v ${holdOf(head, / vb? /)}`),
    'end_wrong',
  ],
  [
    'a transfer is voided like a hold',
    (head) => append(head, `17/-17 m3x8k2ab v ${markIn(head, 't').slice(5)}`),
    'end_wrong',
    'mark_wrong',
  ],
];

/** The hold that the entry of a kind names. */
function holdOf(head: Attributes, kind: RegExp): string {
  const entry = entriesOf(head).find(({ S }) => kind.test(S ?? ''))?.S ?? '';
  return entry.slice(-22);
}
