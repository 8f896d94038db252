import { expect, test } from 'vitest';
import { type Entry, mintKey } from '../../client/index.ts';
import type { PanelAnswer } from '../../infra/local/screen/page/state.ts';
import {
  answerLine,
  callLine,
  changeLine,
  entryLine,
  leftToRefund,
  resultLine,
  timeOf,
} from '../../infra/local/screen/page/words.ts';

const START_MS = 1_000_000;

function balance(more: Partial<Extract<PanelAnswer, { kind: 'balance' }>> = {}) {
  const at = new Date(START_MS);
  return { kind: 'balance', balance: 3n, at, region: 'us-east-1', replayed: false, ...more } as const;
}

const key = mintKey();
function entry(sequence: number, type: string, more: Partial<Entry> = {}): Entry {
  return { sequence, type, key, balance: 0n, change: 0n, at: new Date(0), ...more };
}

test('each call is named in the words of its user', () => {
  const account = 'joe';
  const hold = mintKey();
  expect(
    (
      [
        { what: 'transfer', account, to: 'ann', amount: 10n, key },
        { what: 'hold', account, amount: 7n, key },
        { what: 'capture', account, hold, key },
        { what: 'void', account, hold, key },
        { what: 'refund', account, call: hold, key },
        { what: 'status', account, debits: 'frozen', key },
        { what: 'status', account, debits: 'open', credits: 'frozen', key },
        { what: 'cancel', account, key },
      ] as const
    ).map(callLine),
  ).toEqual([
    'transfer joe ann 10',
    'hold joe 7',
    `capture joe ${hold}`,
    `void joe ${hold}`,
    `refund joe ${hold}`,
    'freeze debits of joe',
    'open debits, freeze credits of joe',
    `cancel joe ${key}`,
  ]);
});

test('an answer says what is held, refunded and frozen beside the balance, unless there is none', () => {
  const row = { startedMs: START_MS };
  const said = [
    { held: 7n },
    { held: 0n },
    { refunded: 1234n },
    { held: 7n, debits: 'frozen', credits: 'frozen' },
  ] as const;
  expect(said.map((more) => answerLine(row, balance(more), undefined)[1])).toEqual([
    '3 (7 held), from us-east-1',
    '3, from us-east-1',
    '3 (1,234 refunded), from us-east-1',
    '3 (7 held, debits frozen, credits frozen), from us-east-1',
  ]);
});

test('a replay says from when it is, and that nothing moved only where the entry is older than the call', () => {
  const replay = balance({ replayed: true, balance: 43n });
  const time = timeOf(replay.at);
  const line = (startedMs: number, now?: bigint) => answerLine({ startedMs }, replay, now)[1];
  expect(line(START_MS + 1, 1043n)).toBe(`43, replayed from ${time}, nothing moved; now 1,043`);
  expect(line(START_MS, 43n)).toBe(`43, replayed from ${time}, moved once; now 43`);
  expect(line(START_MS + 1)).toBe(`43, replayed from ${time}, nothing moved`);
  const refused = { kind: 'refused', code: 'not_enough_money', message: 'Less.', replayed: true } as const;
  expect(answerLine({ startedMs: 0 }, refused, 1n)[1]).toBe(
    'Refused, not enough money: Less. Replayed, nothing moved.',
  );
  expect([replay, refused].map((answer) => resultLine(answer)[1])).toEqual([
    '43, replayed',
    'not enough money, replayed',
  ]);
});

test('an entry says where its money went or came from, and that a transfer is under way until an entry ends it', () => {
  const begun = entry(1, 'transfer', { change: -1234n, heldChange: 1234n, other: 'ann' });
  const settled = entry(2, 'settled', { heldChange: -1234n, other: 'ann', transfer: key });
  const returned = { ...settled, change: 1234n, type: 'returned', code: 'no_such_destination' };
  const credit = entry(1, 'credit', { change: 5n, other: 'ann', transfer: mintKey() });
  expect([
    [entryLine(begun, [begun]), changeLine(begun)],
    [entryLine(begun, [settled, begun]), changeLine(settled)],
    [entryLine(returned, [returned, begun]), changeLine(returned)],
    [entryLine(credit, [credit]), changeLine(credit)],
    [entryLine(entry(1, 'status', { debits: 'open', credits: 'frozen' }), []), ''],
  ]).toEqual([
    ['transfer to ann (under way)', '-1,234, +1,234 held'],
    ['transfer to ann', '-1,234 held'],
    ['returned from ann (no such destination)', '+1,234, -1,234 held'],
    ['credit from ann', '+5'],
    ['status debits open, credits frozen', ''],
  ]);
});

test('a refund is under way until an entry ends it, also one that brings no money to another account', () => {
  const refund = entry(1, 'refund', { call: mintKey(), amount: 5n });
  const refunded = entry(2, 'refunded', { key: mintKey(), change: 5n, refund: key });
  const returned = { ...refunded, type: 'returned', change: 0n, code: 'refund_exceeded' };
  const ofTransfer = { ...refund, change: -5n, heldChange: 5n, other: 'ann' };
  expect([
    entryLine(refund, [refund]),
    entryLine(refund, [refunded, refund]),
    entryLine(refunded, [refunded, refund]),
    entryLine(returned, [returned, refund]),
    entryLine(ofTransfer, [ofTransfer]),
    entryLine({ ...refunded, other: 'ann' }, []),
  ]).toEqual([
    'refund (under way)',
    'refund',
    'refunded',
    'returned (refund exceeded)',
    'refund to ann (under way)',
    'refunded to ann',
  ]);
});

test('a withdrawal, a capture for no other account and a credit can be refunded, less what was refunded before', () => {
  const of = (type: string, more: Partial<Entry> = {}) => entry(1, type, { amount: 12n, ...more });
  const refunded = entry(3, 'refunded', { call: key, amount: 5n });
  const others = entry(4, 'refunded', { call: mintKey(), amount: 5n });
  const begun = entry(5, 'refund', { call: key, amount: 7n });
  const left = (each: Entry) => leftToRefund(each, [begun, others, refunded, each]);
  expect([of('withdrawal'), of('capture'), of('credit', { other: 'ann' })].map(left)).toEqual([7n, 7n, 7n]);
  const rest = { ...refunded, sequence: 6, amount: 7n };
  expect(leftToRefund(of('withdrawal'), [rest, refunded])).toBe(0n);
  const none = ['deposit', 'transfer', 'hold', 'void', 'refund', 'refunded', 'settled', 'returned'];
  const ofOthers = [of('capture', { other: 'ann' }), of('credit', { other: 'ann', refund: mintKey() })];
  for (const each of [...none.map((type) => of(type)), ...ofOthers]) {
    expect(left(each), each.type).toBeUndefined();
  }
});
