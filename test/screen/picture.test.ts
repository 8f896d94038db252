import { expect, test } from 'vitest';
import type { BankEvent } from '../../client/index.ts';
import type { CallSeen } from '../../infra/local/screen/news.ts';
import {
  addToSecond,
  bandsOf,
  emptyChart,
  isShown,
  laterSeconds,
  topOf,
} from '../../infra/local/screen/page/chart.ts';
import {
  type Dots,
  dotsOfCalls,
  dotsOfEvent,
  LEG_MS,
  withoutOld,
} from '../../infra/local/screen/page/dots.ts';

const PLACES = ['us-east-1', 'us-east-2'];
const NO_DOTS: Dots = { moving: [], made: 0, freeMs: 0 };
const CALL: CallSeen = {
  region: 'us-east-2',
  operation: 'deposit',
  account: 'joe',
  key: 'a key',
  outcome: 'executed',
  durationMs: 1,
};

/** What a dot does, and when it begins. */
function courses({ moving }: Dots) {
  return moving.map(({ path, place, beginsMs, isOver }) => [path, place, beginsMs, isOver]);
}

const endpointOf = (place: number) => ({ name: PLACES[place] ?? '', url: '', region: undefined });
const started = (place: number): BankEvent => ({
  type: 'attempt_started',
  attempt: 1,
  endpoint: endpointOf(place),
});
const answered = (place: number): BankEvent => ({
  type: 'attempt_answered',
  attempt: 1,
  endpoint: endpointOf(place),
  region: undefined,
  status: 200,
  durationMs: 1,
});
const failed = (place: number): BankEvent => ({
  type: 'attempt_failed',
  attempt: 1,
  endpoint: endpointOf(place),
  durationMs: 1,
  reason: 'connection_lost',
  executed: 'no',
  cause: undefined,
});

function after(...events: readonly (readonly [number, BankEvent])[]): Dots {
  return events.reduce((dots, [atMs, event]) => dotsOfEvent(dots, event, PLACES, atMs), NO_DOTS);
}

test('a dot goes to its Region, waits there for the answer, goes on to the table, and comes back', () => {
  expect(courses(after([0, started(0)]))).toEqual([['ask', 0, 0, false]]);
  expect(courses(after([0, started(0)], [2000, answered(0)]))).toEqual([
    ['ask', 0, 0, true],
    ['write', 0, 2000, true],
    ['reply', 0, 2000 + 2 * LEG_MS, true],
  ]);
});

test('a dot that gets no answer bursts, and the next one is seen to go the other way, however quick it was', () => {
  const dots = after([0, started(0)], [1, failed(0)], [2, started(1)], [5, answered(1)]);
  expect(courses(dots)).toEqual([
    ['ask', 0, 0, true],
    ['lost', 0, LEG_MS, true],
    ['ask', 1, LEG_MS, true],
    ['write', 1, 2 * LEG_MS, true],
    ['reply', 1, 4 * LEG_MS, true],
  ]);
  expect(dots.moving.map(({ delayMs, beginsMs }) => beginsMs - delayMs)).toEqual([0, 1, 2, 5, 5]);
});

test('only a few of many calls are drawn, each on its own line, and they go when they are over', () => {
  const many = dotsOfCalls(
    NO_DOTS,
    Array.from({ length: 500 }, () => CALL),
    PLACES,
    0,
  );
  expect(new Set(many.moving.map(({ place }) => place))).toEqual(new Set([1]));
  expect(many.moving.length).toBe(8);
  const endless = Array.from({ length: 100 }).reduce<Dots>(
    (dots) => dotsOfCalls(dots, [CALL], PLACES, 0),
    NO_DOTS,
  );
  expect(endless.moving.length).toBeLessThanOrEqual(60);
  expect(withoutOld(endless, 10_000).moving).toEqual([]);
  // It waits for a Region that is frozen.
  expect(withoutOld(after([0, started(0)]), 10_000).moving.length).toBe(1);
});

test('a band is a time in which a Region was not up, to the second, also when it was up again in the same one', () => {
  let seconds = emptyChart();
  for (const state of ['up', 'down', 'down', 'frozen', 'up', 'frozen'] as const) {
    seconds = laterSeconds(seconds, 1, state);
  }
  seconds = addToSecond(seconds, 0, 'up');
  expect(bandsOf(emptyChart())).toEqual([]);
  expect(bandsOf(seconds)).toEqual([
    { state: 'down', start: 55, length: 2, label: 'none' },
    { state: 'frozen', start: 57, length: 1, label: 'none' },
    { state: 'frozen', start: 59, length: 1, label: 'left' },
  ]);
});

test('a band has its label where that touches neither the end of the chart nor the label of a later band', () => {
  const labels = (...starts: readonly number[]) => {
    const seconds = emptyChart().map((second, at) => ({
      ...second,
      state: starts.includes(at) ? ('down' as const) : ('up' as const),
    }));
    return bandsOf(seconds).map(({ label }) => label);
  };
  expect(labels(0, 29)).toEqual(['right', 'right']);
  expect(labels(10, 29)).toEqual(['none', 'right']);
  expect(labels(0, 47, 49)).toEqual(['right', 'none', 'left']);
  expect(labels(3, 49)).toEqual(['none', 'left']);
  expect(labels(31, 55)).toEqual(['left', 'left']);
});

test('the chart counts what has a key and is no acknowledgement', () => {
  const calls = [CALL, { ...CALL, outcome: 'not_enough_money' }, { ...CALL, outcome: 'unavailable' }];
  expect(calls.map(isShown)).toEqual([true, true, true]);
  expect(
    [
      { ...CALL, key: '' },
      { ...CALL, outcome: 'acknowledged' },
    ].map(isShown),
  ).toEqual([false, false]);
});

test('the top of the chart is a round number above all calls', () => {
  expect([0, 5, 6, 11, 21, 51, 99, 101, 1999].map(topOf)).toEqual([5, 5, 10, 20, 50, 100, 100, 200, 2000]);
});
