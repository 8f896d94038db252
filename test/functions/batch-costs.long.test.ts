import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { expect, test } from 'vitest';
import { entriesIn } from '../../functions/bank/book.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { newKey } from '../support/keys.ts';
import { callOf, plainBank } from '../support/plain-bank.ts';

/** Deposits of each row: enough for many pages. */
const CALLS = 1200;

const lab = await createLab();
const bank = plainBank(lab.store, Date.now);

test.each([
  { callers: 1, size: 5, units: 0.4, requests: 0.4, entries: 24 },
  { callers: 1, size: 25, units: 0.25, requests: 0.13, entries: 37 },
  { callers: 4, size: 25, units: 0.4, requests: 0.2, entries: 250 },
])(
  '$callers callers of one account with batches of $size take at most $units write units and $requests requests a call, pages included',
  async ({ callers, size, ...most }) => {
    const account = `account-${randomUUID()}`;
    let entries = 0;
    const send = async () => {
      const calls = Array.from({ length: size }, () =>
        callOf({ account, key: newKey() }, 'deposit', 7n, { mayRetry: false }),
      );
      await bank.executeBatch(account, calls, patient());
      entries = Math.max(entries, entriesIn(await lab.store.readHead(account, patient())));
    };
    const sendAll = (batches: number) =>
      pMap(Array(batches).fill(send), (each) => each(), { concurrency: callers });
    // Until the account turns pages.
    await sendAll(12);
    lab.requests.length = 0;
    lab.spent.writeUnits = 0;
    await sendAll(CALLS / size);
    const requests = lab.requests.filter((name) => name !== 'GetItem').length / CALLS;
    const units = lab.spent.writeUnits / CALLS;
    console.log({ callers, size, units, requests, entries });
    expect(units).toBeLessThanOrEqual(most.units);
    expect(requests).toBeLessThanOrEqual(most.requests);
    expect(entries).toBeLessThanOrEqual(most.entries);
  },
);
