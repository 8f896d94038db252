import { expect, test } from 'vitest';
import { type BankEvent, mintKey } from '../../client/index.ts';
import type { CallSeen, News } from '../../infra/local/screen/news.ts';
import { concerns } from '../../infra/local/screen/page/live.ts';
import {
  initialState,
  type PageEvent,
  type PanelAnswer,
  type PanelMove,
} from '../../infra/local/screen/page/state.ts';
import { NO_STEPS, readSteps, writeSteps } from '../../infra/local/screen/page/steps.ts';
import { update } from '../../infra/local/screen/page/update.ts';
import { sinceLine } from '../../infra/local/screen/page/words.ts';
import { callsIn } from '../../infra/local/screen/send-news.ts';

const [FIRST, SECOND] = ['us-east-1', 'us-east-2'] as const;
const ENDPOINTS = [
  { region: FIRST, url: 'http://127.0.0.1:3020' },
  { region: SECOND, url: 'http://127.0.0.1:3030' },
];
const START_MS = 1_000_000;
const MOVE: PanelMove = { what: 'deposit', account: 'joe', amount: 10n, key: mintKey() };
const CALL: CallSeen = {
  region: SECOND,
  operation: 'deposit',
  account: 'joe',
  key: mintKey(),
  outcome: 'executed',
  durationMs: 3.2,
};

/** The page after events that come one second after the other. */
function after(...events: readonly PageEvent[]) {
  const initial = initialState(ENDPOINTS, NO_STEPS, START_MS);
  return events.reduce((state, event, index) => update(state, event, START_MS + 1000 * index), initial);
}

function newsOf(state: 'up' | 'down' | 'frozen', calls: readonly CallSeen[] = []): News {
  return { regions: ENDPOINTS.map((endpoint) => ({ ...endpoint, pid: 1, state })), calls };
}

function news(...parts: Parameters<typeof newsOf>): PageEvent {
  return { type: 'news', news: newsOf(...parts) };
}

const OPEN = { kind: 'open', account: 'joe', balance: 1n, held: 0n, holds: [], entries: [] } as const;

function asked(call: PanelMove = MOVE, isRetry = false): PageEvent {
  return { type: 'call', call, isRetry };
}

function balance(more: Partial<Extract<PanelAnswer, { kind: 'balance' }>> = {}) {
  const at = new Date(START_MS);
  return { kind: 'balance', balance: 3n, at, region: FIRST, replayed: false, ...more } as const;
}

const endpoint = (name: string) => ({ name, url: '', region: name });
function client(event: BankEvent): PageEvent {
  return { type: 'client', event };
}

test('a Region says since when it is down only if the page saw it go down', () => {
  const since = (...events: readonly PageEvent[]) => {
    const { regions, nowMs } = after(...events);
    return regions.map((box) => sinceLine(box, nowMs));
  };
  expect(since(news('down'), { type: 'second' })).toEqual(['', '']);
  expect(since(news('up'), news('down'), { type: 'second' }, news('down'))).toEqual(['2 s', '2 s']);
  expect(since(news('up'), news('down'), news('frozen'))).toEqual(['0 s', '0 s']);
});

test('a change of a Region is announced, but not the state that it has at first', () => {
  expect(after(news('up'), news('up')).notice).toBe('');
  expect(after(news('up'), news('frozen')).notice).toBe('us-east-1 is frozen, us-east-2 is frozen');
  const missed = after(news('up'), { type: 'silence' }, news('down'));
  expect(missed).toMatchObject({ link: 'open', notice: '', regions: [{ state: 'down' }, { state: 'down' }] });
});

test('a row keeps the attempts of its call, and the next call is sent to the Region that answered', () => {
  const state = after(
    asked(),
    client({ type: 'attempt_started', attempt: 1, endpoint: endpoint(FIRST) }),
    client({
      type: 'attempt_failed',
      attempt: 1,
      endpoint: endpoint(FIRST),
      durationMs: 7,
      reason: 'connection_lost',
      executed: 'unknown',
      cause: undefined,
    }),
    client({ type: 'attempt_started', attempt: 2, endpoint: endpoint(SECOND) }),
    client({ type: 'endpoint_changed', from: endpoint(FIRST), to: endpoint(SECOND) }),
  );
  expect(state.preferred).toBe(SECOND);
  expect(state.calls[0]?.attempts).toEqual([
    { region: FIRST, state: 'failed', durationMs: 7 },
    { region: SECOND, state: 'running', durationMs: 0 },
  ]);
  expect(state.calls[0]?.lines.map(({ atMs, text }) => [atMs - START_MS, text])).toEqual([
    [1000, 'trying us-east-1'],
    [2000, 'lost the connection to us-east-1'],
    [3000, 'trying us-east-2'],
    [4000, 'calls go to us-east-2 from now on'],
  ]);
});

test('the newest calls are kept, the newest first', () => {
  const state = after(...Array.from({ length: 1000 }, () => asked()));
  expect(state.calls.length).toBe(50);
  expect(state.calls[0]?.number).toBe(1000);
});

test('the account is read again when a call concerns it, a call of this page ended, or another one is shown', () => {
  const up = after(news('up'), { type: 'book', book: { kind: 'none', account: 'joe' } });
  const isRead = (event: PageEvent, before = up) => concerns(before, event, update(before, event, START_MS));
  const others = { ...CALL, account: 'ann' };
  expect(isRead(news('up', [CALL]))).toBe(true);
  expect(isRead(news('up', [{ ...others, operation: 'transfer' }]))).toBe(true);
  expect(isRead(news('up', callsIn(SECOND, '{"message":"sweep","transfers":1}')))).toBe(true);
  expect(isRead({ type: 'account', name: 'ann' })).toBe(true);
  expect(isRead({ type: 'answer', answer: balance() })).toBe(true);
  expect(isRead(news('up', [others]))).toBe(false);
  // The page's own reads are logged as well, and must not lead to others.
  expect(isRead(news('up', [{ ...CALL, operation: 'balance', key: '' }]))).toBe(false);
  expect(isRead({ type: 'second' })).toBe(false);
  const unread = update(update(up, news('down'), START_MS), { type: 'book', book: undefined }, START_MS);
  expect(unread.account).toMatchObject({ isPresent: false, book: { account: 'joe' } });
  expect(isRead(news('down'), unread)).toBe(false);
  expect(isRead(news('up'), unread)).toBe(true);
});

test('a bank that was started again is read, and nothing of the one before counts as present', () => {
  const ended = after(news('up'), { type: 'book', book: OPEN }, { type: 'silence' });
  expect(ended.account.isPresent).toBe(false);
  const again = news('up');
  const started = update(ended, again, START_MS);
  expect(started.account.isPresent).toBe(false);
  expect(concerns(ended, again, started)).toBe(true);
  // A reading that was under way when the bank ended has the balance of that bank.
  expect(update(ended, { type: 'book', book: OPEN }, START_MS).account.isPresent).toBe(false);
});

test('the account is read when this page has started a Region, and again until a reading succeeds', () => {
  const down = after(news('up'), { type: 'book', book: OPEN }, news('down'));
  const second: PageEvent = { type: 'second' };
  expect(concerns(down, second, update(down, second, START_MS))).toBe(false);
  const acted: PageEvent = { type: 'acted', region: FIRST, result: { news: newsOf('up') } };
  const up = update(down, acted, START_MS);
  expect(concerns(down, acted, up)).toBe(true);
  const failed = update(up, { type: 'book', book: undefined }, START_MS);
  expect(concerns(failed, second, update(failed, second, START_MS))).toBe(true);
  const read = update(failed, { type: 'book', book: OPEN }, START_MS);
  expect(concerns(read, second, update(read, second, START_MS))).toBe(false);
});

test('the chart moves on by the seconds that have passed, however rarely the browser lets the page run', () => {
  const one = news('up', [CALL]);
  const chartAfter = (...events: readonly (readonly [number, PageEvent])[]) => {
    const state = events.reduce((state, [atMs, event]) => update(state, event, START_MS + atMs), after());
    return state.regions[1]?.seconds.map(({ calls }) => calls) ?? [];
  };
  expect(chartAfter([0, one], [300, one], [999, one], [1000, one]).slice(-3)).toEqual([0, 3, 1]);
  // A hidden page ticks once a minute, and still receives news of calls.
  const hidden = chartAfter([0, one], [1500, one], [3500, one], [5000, { type: 'second' }]);
  expect(hidden.slice(-6)).toEqual([1, 1, 0, 1, 0, 0]);
  const asleep = chartAfter([0, one], [3_600_000, { type: 'second' }]);
  expect([asleep.length, Math.max(...asleep)]).toEqual([60, 0]);
  // The clock was set back.
  expect(chartAfter([0, one], [-60_000, one], [-59_000, one]).slice(-2)).toEqual([2, 1]);
});

test('a balance is the last known one while no Region is up', () => {
  const isPresent = (...events: readonly PageEvent[]) =>
    after(news('up'), { type: 'book', book: OPEN }, ...events).account.isPresent;
  expect([isPresent(), isPresent(news('down')), isPresent(news('frozen'))]).toEqual([true, false, false]);
});

test('the book of an account that is no longer shown is ignored', () => {
  const state = after(
    { type: 'account', name: 'ann' },
    { type: 'book', book: { kind: 'none', account: 'joe' } },
  );
  expect(state.account).toEqual({ name: 'ann', book: undefined, isPresent: false });
});

test('the first steps are done in their order, by what happens and not by who does it', () => {
  const deposit: readonly PageEvent[] = [asked(), { type: 'answer', answer: balance() }];
  const retry: readonly PageEvent[] = [asked(MOVE, true), { type: 'answer', answer: balance() }];
  const done = (...events: readonly PageEvent[]) => after(...events).steps.done;
  expect(done(news('down'), ...retry)).toBe(0);
  expect(done(...deposit, news('up'), ...deposit)).toBe(1);
  expect(done(...deposit, news('down'))).toBe(2);
  expect(done(...deposit, news('down'), ...retry)).toBe(2);
  expect(done(...deposit, news('down'), news('up'), ...deposit)).toBe(3);
});

test('the first steps are remembered, and are not shown again once they are done or dismissed', () => {
  const again = (steps: Parameters<typeof writeSteps>[0]) => readSteps(writeSteps(steps));
  expect(again({ done: 2, isDismissed: false })).toEqual({ done: 2, isDismissed: false });
  expect(again({ done: 1, isDismissed: true })).toEqual({ done: 1, isDismissed: true });
  expect(again({ done: 3, isDismissed: false }).isDismissed).toBe(true);
  for (const text of [null, '', '4', 'x dismissed']) {
    expect(readSteps(text)).toEqual(NO_STEPS);
  }
  expect(after({ type: 'dismissed' }).steps.isDismissed).toBe(true);
});

test('the page shows why an order was refused, and the Region can be given another', () => {
  const order: PageEvent = { type: 'act', region: FIRST, verb: 'thaw' };
  const problem = 'us-east-1 is not frozen.';
  const state = after(news('up'), order, { type: 'acted', region: FIRST, result: { problem } });
  expect(state.regions[0]?.doing).toBeUndefined();
  expect(state.problem).toBe(problem);
  expect(update(state, order, START_MS).problem).toBe('');
});

test('lines of the log without a call are ignored', () => {
  const line = JSON.stringify({ message: 'call', ...CALL, region: undefined });
  expect(callsIn('us-east-2', line)).toEqual([CALL]);
  for (const other of ['', 'Error: boom', '{', 'null', '{"message":"sweep"}', '[1]']) {
    expect(callsIn('us-east-2', other)).toEqual([]);
  }
});
