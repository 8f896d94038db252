import { afterAll, beforeAll, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { LocalBank } from '../../infra/local/bank.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { type Fault, type FaultProxy, PASS, startFaultProxy } from '../support/fault-proxy.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';

const TRIALS = 300;

let bank: LocalBank;
let proxies: FaultProxy[];

beforeAll(async () => {
  bank = await LocalBank.start({ dataFolder: null, ports: await freePorts() });
  proxies = await Promise.all(bank.status().map(({ url }) => startFaultProxy(url)));
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  await bank.stop();
});

test(`answers a call whose reply was lost from the record, in the other Region, ${TRIALS} times out of ${TRIALS}`, async () => {
  const chance = chanceFrom(seedOf('lost replies'));
  let lost = 0;
  for (const proxy of proxies) {
    proxy.decide = ({ method }): Fault => {
      if (method !== 'POST' || chance() < 0.4) {
        return PASS;
      }
      lost += 1;
      return { kind: 'drop_reply' };
    };
  }
  await using client = new BankClient({
    endpoints: proxies.map(({ url }) => url),
    backoff: { baseMs: 1, capMs: 10 },
  });

  let balance = 0n;
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const amount = BigInt(1 + Math.floor(chance() * 20));
    if (balance >= amount && chance() < 0.5) {
      balance -= amount;
      // The answer is the balance right after this one call, so a call executed twice, or not at all, would show at once.
      expect(await client.withdraw('joe', amount)).toMatchObject({ balance });
    } else {
      balance += amount;
      expect(await client.deposit('joe', amount)).toMatchObject({ balance });
    }
  }
  expect(lost).toBeGreaterThan(TRIALS / 2);
  expect(await client.balance('joe')).toMatchObject({ balance });
  console.log(`${TRIALS} calls, ${lost} replies lost, balance as it should be`);
});
