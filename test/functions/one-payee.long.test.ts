import pMap from 'p-map';
import { expect, test } from 'vitest';
import { createHandlerLab } from '../support/handler-lab.ts';
import { itemBytes } from '../support/item-size.ts';

const PAYERS = 200;
const ROUNDS = 5;
/** Transfers under way at once: at 20 a second each they would be a thousand a second. */
const CALLERS = 50;

const labs = await createHandlerLab();

test('a payee receives the transfers of 200 payers in two Regions at once, each of them once, and its head stays small', async () => {
  const payee = await labs.accountWith(1);
  const payers = await pMap(Array.from({ length: PAYERS }), () => labs.accountWith(100), { concurrency: 16 });
  const calls = Array.from({ length: ROUNDS }, () => payers).flat();
  labs.lab.requests.length = 0;
  const startedMs = performance.now();
  let largest = 0;
  const answers = await pMap(
    calls,
    async (payer, index) => {
      const by = index % 2 === 0 ? undefined : labs.other;
      const answer = await labs.move(payer, `transfers/${payee}`, 7, labs.mint(), by);
      if (index % 50 === 0) {
        largest = Math.max(largest, itemBytes(await labs.lab.item(payee)));
      }
      return answer;
    },
    { concurrency: CALLERS },
  );
  const seconds = (performance.now() - startedMs) / 1000;
  console.log({
    transfersPerSecond: calls.length / seconds,
    requests: labs.lab.requests.length / calls.length,
    largest,
  });
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(await labs.money(payee)).toEqual([String(1 + 7 * calls.length), '0']);
  const left = await Promise.all(payers.map(async (payer) => (await labs.money(payer)).join('/')));
  expect(new Set(left)).toEqual(new Set([`${100 - 7 * ROUNDS}/0`]));
  // Far from the 400 KB that an item may have.
  expect(largest).toBeLessThan(20_000);
});
