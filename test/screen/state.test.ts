import { expect, test } from 'vitest';
import { type Entry, mintKey } from '../../client/index.ts';
import { callOf } from '../../infra/local/screen/log-tail.ts';
import type { CallSeen, News } from '../../infra/local/screen/news.ts';
import { initialState, type PageEvent, type PanelMove } from '../../infra/local/screen/page/state.ts';
import { update } from '../../infra/local/screen/page/update.ts';
import { changeLine, entryLine, leftToRefund } from '../../infra/local/screen/page/words.ts';

const ENDPOINTS = [
  { region: 'us-east-1', url: 'http://127.0.0.1:3020' },
  { region: 'us-east-2', url: 'http://127.0.0.1:3030' },
];
const MOVE: PanelMove = { what: 'deposit', account: 'joe', amount: 10n, key: mintKey() };
const CALL: CallSeen = {
  region: 'us-east-2',
  operation: 'deposit',
  account: 'joe',
  key: MOVE.key,
  outcome: 'executed',
  durationMs: 3.2,
};

function after(...events: readonly PageEvent[]) {
  return events.reduce(update, initialState(ENDPOINTS));
}

function news(state: 'up' | 'down' | 'frozen', calls: readonly CallSeen[] = []): PageEvent {
  const regions: News['regions'] = ENDPOINTS.map((endpoint) => ({ ...endpoint, pid: 1, state }));
  return { type: 'news', news: { regions, calls } };
}

function texts({ log }: ReturnType<typeof after>): readonly string[] {
  return log.map(({ text }) => text);
}

test('how the Regions are at first is no part of the log, and every change is', () => {
  const state = after(news('up'), news('up'), news('frozen'));
  expect(texts(state)).toEqual(['us-east-1 is frozen', 'us-east-2 is frozen']);
});

test('after the starter was silent, the log goes on without what was missed', () => {
  const state = after(news('up'), { type: 'silence' }, news('down'));
  expect(state.link).toBe('open');
  expect(state.regions.map((card) => card.state)).toEqual(['down', 'down']);
  expect(texts(state)).toEqual([]);
});

test('calls are counted on the card of their Region, by what came of them', () => {
  const calls = ['executed', 'replayed', 'not_enough_money', 'answered', 'pending', 'unavailable'].map(
    (outcome) => ({ ...CALL, outcome }),
  );
  const [first, second] = after(news('up', calls)).regions;
  expect(first?.counts).toEqual({ executed: 0, replayed: 0, refused: 0, other: 0 });
  expect(second?.counts).toEqual({ executed: 1, replayed: 1, refused: 1, other: 3 });
  expect(second?.latest.map(({ outcome }) => outcome)).toEqual([
    'unavailable',
    'pending',
    'answered',
    'not_enough_money',
    'replayed',
  ]);
});

test('traffic moves on second by second, and its length stays', () => {
  const state = after(news('up', [CALL, CALL]), { type: 'second' }, news('up', [CALL]));
  const perSecond = state.regions[1]?.perSecond ?? [];
  expect(perSecond.slice(-3)).toEqual([0, 2, 1]);
  expect(perSecond.length).toBe(initialState(ENDPOINTS).regions[1]?.perSecond.length);
});

test('a replay is told as one, and any other answer is not', () => {
  const asked: PageEvent = { type: 'call', call: MOVE, again: true };
  const moved = { kind: 'balance', account: 'joe', balance: 10n, region: 'us-east-2' } as const;
  const refused = { kind: 'refused', code: 'not_enough_money', message: 'Less.' } as const;
  const answers = [moved, refused].flatMap((answer) =>
    [false, true].map((replayed): PageEvent => ({ type: 'answer', answer: { ...answer, replayed } })),
  );
  const said = 'replayed: this reply was already recorded under the key';
  expect(texts(after(asked, ...answers))).toEqual([
    'deposit joe 10, again with its key',
    '10',
    `10 (${said})`,
    'not enough money: Less.',
    `not enough money: Less. (${said})`,
  ]);
});

test('each call with a key is logged as its user would type it, and is the one to send again', () => {
  const { account, key } = MOVE;
  const hold = mintKey();
  const moves: readonly PanelMove[] = [
    { what: 'transfer', account, to: 'ann', amount: 10n, key },
    { what: 'hold', account, amount: 7n, key },
    { what: 'capture', account, hold, key },
    { what: 'void', account, hold, key },
    { what: 'refund', account, call: hold, key },
    { what: 'status', account, debits: 'frozen', key },
  ];
  const calls = moves.map((call): PageEvent => ({ type: 'call', call, again: false }));
  const state = after(...calls, { type: 'call', call: { what: 'cancel', account, key }, again: false });
  expect(texts(state)).toEqual([
    'transfer joe ann 10',
    'hold joe 7',
    `capture joe ${hold}`,
    `void joe ${hold}`,
    `refund joe ${hold}`,
    'status joe --debits frozen',
    'cancel joe',
  ]);
  expect(state.account.lastMove).toEqual(moves.at(-1));
});

test('what is held, refunded and frozen is told beside the balance, unless there is none', () => {
  const said = [
    { held: 7n },
    { held: 0n },
    { refunded: 1234n },
    { held: 7n, debits: 'frozen', credits: 'frozen' },
  ] as const;
  const answers = said.map((more): PageEvent => {
    const balance = { kind: 'balance', account: 'joe', balance: 3n, region: 'us-east-1' } as const;
    return { type: 'answer', answer: { ...balance, ...more, replayed: false } };
  });
  expect(texts(after(...answers))).toEqual([
    '3 (7 held)',
    '3',
    '3 (1,234 refunded)',
    '3 (7 held, debits frozen, credits frozen)',
  ]);
});

const key = mintKey();
function entry(sequence: number, type: string, more: Partial<Entry> = {}): Entry {
  return { sequence, type, key, balance: 0n, change: 0n, at: new Date(0), ...more };
}

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
  for (const each of [...none.map((type) => of(type)), of('capture', { other: 'ann' })]) {
    expect(left(each), each.type).toBeUndefined();
  }
});

test('the log keeps its end, however long it gets', () => {
  const asked: PageEvent = { type: 'call', call: MOVE, again: false };
  const state = after(...Array.from({ length: 1000 }, () => asked));
  expect(state.log.length).toBe(300);
  expect(state.log.at(-1)?.number).toBe(1000);
});

test('an order that was turned down is told, and the Region can be given another', () => {
  const state = after(
    news('up'),
    { type: 'act', region: 'us-east-1', verb: 'thaw' },
    { type: 'acted', region: 'us-east-1', result: { problem: 'us-east-1 is not frozen.' } },
  );
  expect(state.regions[0]?.doing).toBeNull();
  expect(texts(state)).toEqual(['us-east-1 is not frozen.']);
});

test('lines of the log that tell of no call are passed over', () => {
  const line = JSON.stringify({ message: 'call', ...CALL, region: undefined });
  expect(callOf('us-east-2', line)).toEqual([CALL]);
  for (const other of ['', 'Error: boom', '{', 'null', '{"message":"sweep"}', '[1]']) {
    expect(callOf('us-east-2', other)).toEqual([]);
  }
});
