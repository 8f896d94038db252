import { expect, test } from 'vitest';
import { chanceFrom, seedOf } from '../../support/seed.ts';
import { bruteForce } from './brute-force.ts';
import { checkHistory } from './check.ts';
import type { HistoryEvent } from './event.ts';
import { operationsOf } from './operations.ts';

const HISTORIES = 4_000;
const OPERATIONS = ['deposit', 'withdraw', 'balance', 'cancel'] as const;
const CALLS = [
  { operation: 'deposit', amount: 1n },
  { operation: 'deposit', amount: 2n },
  { operation: 'withdraw', amount: 1n },
  { operation: 'withdraw', amount: 2n },
  { operation: 'setStatus', debits: 'frozen' },
  { operation: 'setStatus', debits: 'open', credits: 'frozen' },
] as const;
const KEYS = ['a', 'b', 'c'].map((letter) => `0198c5a0-7e57-7abc-8def-00000000000${letter}`);

/**
 * A small history by chance: three processes, three keys, amounts and balances so small that right answers are frequent.
 * A key always asks for the same thing, but for a few that do not.
 */
function randomHistory(chance: () => number): HistoryEvent[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const calls = new Map(KEYS.map((key) => [key, pick(CALLS)]));
  const open = new Map<string, HistoryEvent>();
  const events: HistoryEvent[] = [];
  const length = 4 + Math.floor(chance() * 9);
  while (events.length < length) {
    const process = pick(['one', 'two', 'three']);
    const begun = open.get(process);
    const time = events.length;
    if (begun === undefined) {
      const event = ask(process, time);
      open.set(process, event);
      events.push(event);
    } else {
      open.delete(process);
      events.push({ ...begun, time, ...answer(begun) });
    }
  }
  return events;

  function ask(process: string, time: number): HistoryEvent {
    const common = { time, process, type: 'invoke', account: 'joe' } as const;
    const operation = pick(OPERATIONS);
    if (operation === 'balance') {
      return { ...common, operation };
    }
    const key = pick(KEYS);
    if (operation === 'cancel') {
      return { ...common, operation, key };
    }
    const call = calls.get(key);
    return { ...common, key, ...(call ?? { operation: 'deposit', amount: 1n }) };
  }

  function answer({ operation }: HistoryEvent): Pick<HistoryEvent, 'type' | 'balance' | 'code'> {
    const kind = chance();
    if (kind < 0.2) {
      return { type: 'unknown' };
    }
    if (kind < 0.35) {
      const code = pick(
        operation === 'balance'
          ? ['no_such_account']
          : ['no_such_account', 'not_enough_money', 'account_frozen', 'cancelled', 'unavailable'],
      );
      return { type: 'refused', code };
    }
    const balance = pick([0n, 1n, 1n, 2n, 3n]);
    return operation === 'cancel' && chance() < 0.5 ? { type: 'ok' } : { type: 'ok', balance };
  }
}

test('the checker says of every small history what trying every order says', () => {
  const chance = chanceFrom(seedOf('checker against brute force'));
  const found = { linearizable: 0, broken: 0 };
  for (let number = 0; number < HISTORIES; number += 1) {
    const events = randomHistory(chance);
    const [verdict] = checkHistory(events).accounts;
    const expected = bruteForce(operationsOf(events)) ? 'linearizable' : 'broken';
    expect(
      verdict?.verdict ?? 'linearizable',
      JSON.stringify(events, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    ).toBe(expected);
    found[expected] += 1;
  }
  console.log(`${HISTORIES} histories: ${found.linearizable} linearizable, ${found.broken} broken`);
  expect(found.linearizable).toBeGreaterThan(HISTORIES / 20);
  expect(found.broken).toBeGreaterThan(HISTORIES / 20);
});
