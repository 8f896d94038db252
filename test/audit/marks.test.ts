import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { markName } from '../../functions/dynamodb/mark-text.ts';
import { shortOf } from '../../functions/dynamodb/uuid.ts';
import { add, append, codesOfBook, type Damages, entriesOf, find, KEY, rewrite, rowsOf } from './damage.ts';
import { openBank, trade, use } from './used-bank.ts';

const bank = await openBank();
await trade(bank, 'joe', 'ann');
const right = await bank.items('joe');
await use(bank.bank(), 'eve', 5, bank.now.ms);
const used = await bank.items('eve');

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

/** Damages to the head of an account that has holds and transfers. */
const MARK_DAMAGES: Damages<Attributes> = {
  '': {
    nothing: () => {},
    'the sweep looks earlier than it has to': (head) => add(head, { dueAt: -1 }),
  },
  mark_wrong: {
    'the mark of a transfer is removed, and counted out': (head) => {
      delete head[markIn(head, 't')];
      add(head, { open: -1, transfers: -1 });
    },
    'the mark of a transfer has another amount': (head) =>
      rewriteMark(head, 't', (text) => text.replace(' 17 ', ' 18 ')),
    'the mark of a transfer has another payee': (head) =>
      rewriteMark(head, 't', (text) => text.replace(' ann ', ' eve ')),
    'more remains of a hold than was not captured': (head) =>
      rewriteMark(head, 'h', (text) => text.replace(' 37 ', ' 50 ')),
    'a mark cannot be read': (head) => rewriteMark(head, 'h', () => 'hello'),
    'a mark is of no entry': (head) => {
      head[markName(KEY)] = { ...head[markIn(head, 'h')] } as AttributeValue;
      add(head, { open: 1, holds: 1 });
    },
  },
  'mark_wrong open_wrong': {
    'the mark of a hold is removed': (head) => delete head[markIn(head, 'h')],
  },
  open_wrong: {
    'one mark more is counted': (head) => add(head, { open: 1 }),
    'one hold more is counted': (head) => add(head, { holds: 1 }),
    'no marks are counted': (head) => delete head['open'],
  },
  due_wrong: {
    'the sweep does not know when to look': (head) => delete head['dueAt'],
    'the sweep does not know where to look': (head) => delete head['dueShard'],
    'the sweep looks in another shard': (head) => add(head, { dueShard: 1 }),
    'the sweep looks too late': (head) => add(head, { dueAt: 3_600_000 }),
  },
  'end_wrong mark_wrong': {
    'a settlement is of another transfer': (head) =>
      rewrite(head, / sb? /, (text) => text.replace(/.{22}$/, shortOf(KEY))),
    'a transfer is voided like a hold': (head) =>
      append(head, `17/-17 m3x8k2ab v ${markIn(head, 't').slice(5)}`),
  },
  end_wrong: {
    'a settlement is of another payee': (head) =>
      rewrite(head, / sb? /, (text) => text.replace(' ann ', ' eve ')),
    'a return gives back a unit less': (head) => {
      rewrite(head, / ub? /, (text) => text.replace('11/-11', '10/-10'));
      add(head, { balance: -1, held: 1 });
    },
    'a hold expires by a unit less than remained': (head) => {
      rewrite(head, / x /, (text) => text.replace('12/-12', '11/-11'));
      add(head, { balance: -1, held: 1 });
    },
    'a capture takes less than was asked': (head) => {
      rewrite(head, / pb? .* 14$/, (text) => text.replace(/ 14$/, ' 13').replace('36/-50', '36/-49'));
      add(head, { held: 1 });
    },
    'a hold that has ended is voided': (head) =>
      append(head, `16/-16 m3x8k2ab v ${entriesOf(head)[find(head, / vb? /)]?.S?.slice(-22)}`),
  },
};

describe('an account with holds and transfers of which', () => {
  test.each(rowsOf(MARK_DAMAGES))('$what', async ({ damage, codes }) => {
    expect(right.pages, 'every entry is in the head').toEqual([]);
    const head = structuredClone(right.head) ?? {};
    damage(head);
    expect([...new Set(await codesOfBook('joe', head))]).toEqual(codes);
  });
});

test.each(['dueAt', 'dueShard'])('an account without them has no %s', async (name) => {
  expect(await codesOfBook('eve', used.head)).toEqual([]);
  expect(await codesOfBook('eve', { ...used.head, [name]: { N: '3' } })).toEqual(['due_wrong']);
});
