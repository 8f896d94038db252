import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CACHE_MS, KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { Supervisor } from '../../infra/local/supervisor.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, plainBank } from '../support/plain-bank.ts';

/** DynamoDB Local gets to expired items within ten seconds, and with a hundred tables beside them not within minutes. */
const TTL_LIMIT_MS = 120_000;

let supervisor: Supervisor;
let lab: Lab;

beforeAll(async () => {
  // One of its own, with these tables and no others.
  supervisor = await Supervisor.start({ dataFolder: null });
  lab = await createLab(supervisor.endpoint);
});
afterAll(() => supervisor.stop());

test(
  "lets DynamoDB's own TTL delete cached replies, and answers the same from the page",
  async () => {
    const account = `account-${randomUUID()}`;
    const bank = plainBank(lab.store, () => lab.now.ms);
    // Turned as if 30 days ago, so that the time of what is cached has come already.
    lab.now.ms -= CACHE_MS + 60_000;
    const calls = Array.from({ length: 2 * KEPT_ENTRIES }, (_, index) =>
      callOf({ account, key: keyAt(lab.now.ms + index) }, 'deposit', 10n),
    );
    const answers = [];
    for (const call of calls) {
      answers.push(await bank.execute(call, patient()));
    }
    expect(await lab.rows('pages', account)).toHaveLength(1);
    lab.now.ms += CACHE_MS + 60_000;
    await expect
      .poll(() => lab.rows('idempotency', account), { timeout: TTL_LIMIT_MS, interval: 500 })
      .toEqual([]);
    for (const [index, call] of calls.entries()) {
      expect(await bank.execute(call, patient())).toEqual({ ...answers[index], replayed: true });
    }
    expect(await bank.balance(account, patient())).toBe(BigInt(20 * KEPT_ENTRIES));
  },
  TTL_LIMIT_MS + 30_000,
);
