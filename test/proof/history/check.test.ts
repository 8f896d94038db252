import { expect, test } from 'vitest';
import { checkHistory } from './check.ts';
import { formatEvent, parseHistory } from './event.ts';

/**
 * Reads a history as short lines, or parts between semicolons: who, what, and the result, such as `1 deposit 10 a = 10`,
 * `2 withdraw 5 b ! not_enough_money` and `1 cancel a ?`. With `...` a call begins whose answer is on a later line. The account is joe
 * unless the line has another one, as in `@ann`; `>ann` is who is paid, `of b` the hold, and `debits frozen` a side.
 */
function history(lines: string) {
  const asking = new Set<string>();
  const events = lines
    .trim()
    .split(/[\n;]/)
    .flatMap((line) => {
      const [, number, operation, rest = ''] = /^(\d) (\w+)(.*)$/.exec(line.trim()) ?? [];
      const [, amount] = /^ (\d+)(?= [a-c#])/.exec(rest) ?? [];
      const [, key] = /(?:^| )([abc]|#\w+)(?= )/.exec(rest) ?? [];
      const [, account = 'joe'] = / @(\w+)/.exec(rest) ?? [];
      const [, to] = / >(\w+)/.exec(rest) ?? [];
      const [, hold] = / of ([abc])/.exec(rest) ?? [];
      const [, side, status] = / (debits|credits) (\w+)/.exec(rest) ?? [];
      const [, sign = '', value] = / (\.\.\.|=|!|\?)(?: (\w+))?$/.exec(rest) ?? [];
      const process = `client-${number}`;
      const asked = {
        ...{ process, type: 'invoke', operation, account, amount, to },
        ...{ key: key && keyOf(key), hold: hold && keyOf(hold), [side ?? 'debits']: status },
      };
      if (sign === '...') {
        asking.add(process);
        return [asked];
      }
      const type = { '=': 'ok', '!': 'refused', '?': 'unknown' }[sign];
      const ended = { ...asked, type, [sign === '=' ? 'balance' : 'code']: value };
      return asking.delete(process) ? [ended] : [asked, ended];
    });
  return parseHistory(events.map((event, time) => JSON.stringify({ time, ...event })).join('\n'));
}

const keyOf = (name: string) => `0198c5a0-7e57-7abc-8def-${name.replace('#', '').padStart(12, '0')}`;

const verdictOf = (lines: string) => checkHistory(history(lines)).accounts[0];

test.each([
  ['what happens one after the other', '1 deposit 10 a = 10; 2 withdraw 4 b = 6; 1 balance = 6'],
  [
    'what happens at once, in whichever order the answers show',
    `1 deposit 10 a ...
     2 deposit 5 b ...
     3 balance ...
     1 deposit 10 a = 15
     2 deposit 5 b = 5
     3 balance = 5`,
  ],
  [
    'an unknown deposit that takes effect much later',
    '1 deposit 10 a ?; 2 balance ! no_such_account; 2 balance = 10',
  ],
  ['an unknown deposit that never takes effect', '1 deposit 10 a ?; 2 deposit 5 b = 5; 2 balance = 5'],
  ['an unknown call that is never ended at all', '1 deposit 10 a ...; 2 withdraw 3 b = 7'],
  [
    'a retry by another process, answered as the first call that was lost',
    '1 deposit 10 a ?; 2 deposit 5 b = 15; 3 deposit 10 a = 10; 3 balance = 15',
  ],
  [
    'a refusal that was true at a moment of the call, and is repeated when it is true no more',
    '1 withdraw 5 a ! no_such_account; 2 deposit 10 b = 10; 1 withdraw 5 a ! no_such_account',
  ],
  [
    'a cancelled key that never happens, although its call was unknown',
    '1 deposit 10 a ?; 2 cancel a =; 1 deposit 10 a ! cancelled; 2 balance ! no_such_account',
  ],
  [
    'a cancellation that comes too late and answers with the reply of the call',
    '1 deposit 10 a ?; 2 cancel a = 10; 2 balance = 10',
  ],
  [
    'refusals that say of one call only that it did nothing',
    '1 deposit 10 a ! unavailable; 1 deposit 10 b ! key_in_future; 1 balance ! no_such_account',
  ],
  [
    'a key that was used for something else as well, which was refused',
    '1 deposit 10 a = 10; 1 withdraw 5 a ! key_reused; 1 balance = 10',
  ],
])('takes %s', (_, lines) => {
  expect(verdictOf(lines)).toMatchObject({ verdict: 'linearizable' });
});

test.each([
  ['a deposit that is lost', '1 deposit 10 a = 10; 2 balance ! no_such_account'],
  ['a stale balance', '1 deposit 10 a = 10; 1 deposit 5 b = 15; 2 balance = 10'],
  [
    'money that is paid out twice, on both sides of a split',
    `1 deposit 10 a = 10
     1 withdraw 10 b ...
     2 withdraw 10 c ...
     1 withdraw 10 b = 0
     2 withdraw 10 c = 0`,
  ],
  ['a retry that is executed once more', '1 deposit 10 a = 10; 2 deposit 10 a = 20'],
  ['a lost call whose effect comes twice', '1 deposit 10 a ?; 2 balance = 20'],
  ['a refusal for which there was money all along', '1 deposit 10 a = 10; 2 withdraw 5 b ! not_enough_money'],
  [
    'a refused call that is executed later',
    '1 withdraw 5 a ! no_such_account; 2 deposit 10 b = 10; 2 balance = 5',
  ],
  ['a cancelled call that is executed all the same', '2 cancel a =; 1 deposit 10 a = 10'],
  ['a cancelled call whose effect shows', '1 deposit 10 a ?; 2 cancel a =; 2 balance = 10'],
  ['a call that did nothing, and whose effect shows', '1 deposit 10 a ! unavailable; 2 balance = 10'],
  ['an answer to a call that had not been made yet', '2 cancel a = 10; 1 deposit 10 a = 10'],
  ['an answer to a cancellation that had not been asked for', `1 deposit 10 a ! cancelled`],
  ['something that happens before it was asked for', '2 balance = 10; 1 deposit 10 a = 10'],
  ['an overdraft', '1 deposit 10 a = 10; 1 withdraw 4 b = 6; 1 withdraw 7 c = 0'],
])('finds %s', (_, lines) => {
  expect(verdictOf(lines)).toMatchObject({ verdict: 'broken' });
});

const verdictsOf = (lines: string) =>
  Object.fromEntries(checkHistory(history(lines)).accounts.map(({ account, verdict }) => [account, verdict]));

/** Joe has 10, and ann has 1. */
const BEGINNING = '1 deposit 10 a = 10; 1 deposit 1 a @ann = 1; ';

test.each([
  [
    'whose money is at the payee when it is answered',
    '1 transfer 4 b >ann = 6; 2 balance @ann = 5',
    { joe: 'linearizable', ann: 'linearizable' },
  ],
  [
    'whose money is not at the payee when it is answered',
    '1 transfer 4 b >ann = 6; 2 balance @ann = 1',
    { joe: 'linearizable', ann: 'broken' },
  ],
  [
    'whose money is at the payee before any call has asked for it',
    '2 balance @ann = 5; 1 transfer 4 b >ann = 6',
    { joe: 'linearizable', ann: 'broken' },
  ],
  [
    'that is not answered, while its money is in no account',
    '1 transfer 4 b >ann ...; 2 balance = 6; 2 balance @ann = 1; 2 balance @ann = 5',
    { joe: 'linearizable', ann: 'linearizable' },
  ],
  [
    'whose money came back, and was away for a time',
    '1 transfer 4 b >bob ...; 2 balance = 6; 2 balance = 10; 1 transfer 4 b >bob ! no_such_destination',
    { joe: 'linearizable', ann: 'linearizable', bob: 'linearizable' },
  ],
  [
    'whose money came back before it was away',
    '1 transfer 4 b >bob ...; 2 balance = 14; 1 transfer 4 b >bob ! no_such_destination',
    { joe: 'broken', ann: 'linearizable', bob: 'linearizable' },
  ],
  [
    'whose money is not back when that is answered',
    '1 transfer 4 b >bob ! no_such_destination; 2 balance = 6',
    { joe: 'broken', ann: 'linearizable', bob: 'linearizable' },
  ],
  [
    'to an account that was there, and is said not to be',
    `1 transfer 4 b >ann ! no_such_destination`,
    { joe: 'linearizable', ann: 'broken' },
  ],
  [
    'that the answer to a cancellation calls executed',
    '1 transfer 4 b >ann ?; 2 cancel b = 6; 2 balance @ann = 1',
    { joe: 'linearizable', ann: 'broken' },
  ],
  ['of more than there is', `1 transfer 11 b >ann = 0`, { joe: 'broken', ann: 'linearizable' }],
])('a transfer %s', (_, lines, verdicts) => {
  expect(verdictsOf(BEGINNING + lines)).toEqual(verdicts);
});

test('an account with holds is left out, but for the replies of its keys and for what it pays others', () => {
  const captured = `${BEGINNING}1 hold 4 b = 6
    1 capture 4 c of b >ann = 6
    2 balance @ann = 5
`;
  expect(checkHistory(history(captured))).toMatchObject({
    ok: true,
    accounts: [
      { account: 'joe', verdict: 'left_out' },
      { account: 'ann', verdict: 'linearizable' },
    ],
  });
  const again = `1 capture 4 c of b >ann ! hold_captured`;
  expect(verdictsOf(captured + again)).toMatchObject({ joe: 'broken' });
});

test('accounts have nothing to do with each other', () => {
  const joe = history('1 deposit 10 a = 10');
  const ann = history('1 balance = 7').map((event) => ({ ...event, account: 'ann' }));
  expect(checkHistory([...joe, ...ann])).toMatchObject({
    ok: false,
    accounts: [
      { account: 'joe', verdict: 'linearizable' },
      { account: 'ann', verdict: 'broken' },
    ],
  });
});

test('reports when it gives up, which is no pass', () => {
  const events = history('1 deposit 10 a ...\n2 deposit 5 b ...\n1 deposit 10 a = 15\n2 deposit 5 b = 5');
  expect(checkHistory(events, { maxTries: 2 })).toMatchObject({
    ok: false,
    accounts: [{ verdict: 'undecided', finding: 'gave up after 2 tries' }],
  });
});

test('says where it got stuck', () => {
  expect(verdictOf('1 deposit 10 a = 10\n2 balance = 9')?.finding).toBe(
    'no order is possible in which the balance was 9, by line 4',
  );
});

test('a history is the same after it was written and read', () => {
  const events = history('1 deposit 10 a = 10\n2 cancel b ?');
  expect(parseHistory(events.map(formatEvent).join(''))).toEqual(events);
});

test.each([
  ['{"time":0}', /^line 1: process/],
  ['nonsense', /^line 1: /],
  ['{"time":0,"process":"p","type":"invoke","operation":"steal","account":"joe"}', /^line 1: operation/],
  [
    '{"time":0,"process":"p","type":"ok","operation":"balance","account":"joe","balance":"1"}',
    /has not asked for/,
  ],
  [
    '{"time":0,"process":"p","type":"invoke","operation":"deposit","account":"joe","amount":"1"}',
    /without a key/,
  ],
])('a line that is no event is an error that says which: %s', (line, message) => {
  expect(() => checkHistory(parseHistory(line))).toThrow(message);
});

test('a long history with many at once is checked in one go', () => {
  const lines = Array.from({ length: 500 }, (_, round) => {
    const deposit = (number: number) => `${number} deposit 1 #${(4 * round + number).toString(16)}`;
    const begun = [1, 2, 3, 4].map((number) => `${deposit(number)} ...`);
    // Answered in another order than they took effect in.
    const answered = [4, 3, 2, 1].map((number) => `${deposit(number)} = ${4 * round + number}`);
    return [...begun, ...answered].join(';');
  });
  const [verdict] = checkHistory(history(lines.join(';'))).accounts;
  expect(verdict).toMatchObject({ verdict: 'linearizable', steps: 2000 });
  expect(verdict?.tries).toBeLessThan(10_000);
});

test.each([
  [
    'refuses what comes after it, also where the money is missing',
    '1 setStatus b debits frozen = 10; 1 withdraw 11 c ! account_frozen',
    { joe: 'linearizable', ann: 'linearizable' },
  ],
  [
    'refuses nothing that comes before it',
    '1 withdraw 4 c ! account_frozen; 1 setStatus b debits frozen = 10',
    { joe: 'broken', ann: 'linearizable' },
  ],
  [
    'that was not answered lets nothing through once it has refused something',
    '1 setStatus b debits frozen ...; 2 withdraw 4 c ! account_frozen; 2 transfer 4 a >ann = 6',
    { joe: 'broken', ann: 'linearizable' },
  ],
  [
    'of debits lets money in',
    '1 setStatus b debits frozen = 10; 1 deposit 4 c = 14',
    { joe: 'linearizable', ann: 'linearizable' },
  ],
  [
    'of the payee returns a transfer until it is over',
    `1 setStatus b @ann credits frozen = 1
     1 transfer 4 c >ann ! destination_frozen
     1 setStatus c @ann credits open = 1
     1 transfer 4 b >ann ! destination_frozen`,
    { joe: 'linearizable', ann: 'broken' },
  ],
])('a freeze %s', (_, lines, verdicts) => {
  expect(verdictsOf(BEGINNING + lines)).toEqual(verdicts);
});
