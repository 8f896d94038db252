import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { createBank } from '../../functions/core/bank.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import {
  type Fault,
  type FaultProxy,
  PASS,
  type ProxiedRequest,
  startFaultProxy,
} from '../support/fault-proxy.ts';
import { startHttpRegion } from '../support/http-region.ts';
import { newKey } from '../support/keys.ts';

/**
 * The SDK sends a write again when the first time was not answered, and the caller sees one answer. The first write may
 * still be on its way to DynamoDB, though, and must find its key taken whenever it arrives: the reply must not have been
 * given back by then.
 */
let lab: Lab;
let proxy: FaultProxy;
let account: string;

const SHORT = { connectionTimeoutMs: 1000, requestTimeoutMs: 1000 };

beforeAll(async () => {
  lab = await createLab();
  proxy = await startFaultProxy(lab.tables.endpoint);
});
afterAll(() => proxy[Symbol.asyncDispose]());
beforeEach(() => {
  account = `account-${randomUUID()}`;
  proxy.decide = () => PASS;
});

/** Lets the next request of a kind wait on its way, and gives it out once it has been sent. */
function holdNext(isMeant: (request: ProxiedRequest) => boolean = () => true): () => ProxiedRequest {
  let held: ProxiedRequest | undefined;
  proxy.decide = (request): Fault => {
    if (held !== undefined || !isMeant(request)) return PASS;
    held = request;
    return { kind: 'hold' };
  };
  return () => {
    if (held === undefined) throw new Error('nothing was sent');
    return held;
  };
}

/** Lets a request that waited arrive after all, as it was sent. */
async function arrive({ path, headers, body }: ProxiedRequest): Promise<void> {
  const sent = Object.entries(headers).filter(
    ([name]) => !['host', 'connection', 'content-length'].includes(name),
  );
  const url = lab.tables.endpoint + path;
  await fetch(url, { method: 'POST', headers: sent as [string, string][], body });
}

async function startBank() {
  const store = lab.storeAt({ endpoint: proxy.url, limits: SHORT });
  const region = await startHttpRegion('us-east-1', store, Date.now);
  const client = new BankClient({ endpoints: [region.url], acknowledgeAfterMs: 1 });
  return { region, client };
}

test('a write that arrives after its own retry was answered moves nothing, although the client is done with it', async () => {
  await lab.putItem({ account, balance: 100n });
  const { region, client } = await startBank();
  await using _ = region;
  const held = holdNext();
  const { balance, key } = await client.withdraw(account, 30n);
  expect(balance).toBe(70n);
  await client.close();

  await arrive(held());
  expect((await lab.store.read(account, patient()))?.balanceMinor).toBe(70n);
  expect((await lab.store.read(account, patient()))?.recorded.has(key)).toBe(true);
});

test('a refused withdrawal that arrives after its refusal was answered finds it, although there is money by then', async () => {
  await lab.putItem({ account, balance: 10n });
  const { region, client } = await startBank();
  await using _ = region;
  const held = holdNext();
  await expect(client.withdraw(account, 30n)).rejects.toMatchObject({ code: 'not_enough_money' });
  await client.deposit(account, 90n);
  await client.close();

  await arrive(held());
  expect((await lab.store.read(account, patient()))?.balanceMinor).toBe(100n);
});

test('a reply of which nothing can still arrive is given back as ever', async () => {
  const { region, client } = await startBank();
  await using _ = region;
  const { key } = await client.deposit(account, 30n);
  await client.close();
  expect((await lab.store.read(account, patient()))?.recorded.has(key)).toBe(false);
});

test('a removal that arrives late removes nothing that was recorded since', async () => {
  const store = lab.storeAt({ endpoint: proxy.url, limits: SHORT });
  const bank = createBank(store, Date.now);
  const refused = () => ({ move: 'withdraw', account, key: newKey(), amountMinor: 5n }) as const;
  const first = refused();
  await bank.move(first, [], patient());
  const held = holdNext((request) => String(request.headers['x-amz-target']).endsWith('DeleteItem'));
  await bank.acknowledge(account, [first.key], patient());
  expect(await lab.item(account)).toBeUndefined();

  const second = refused();
  await bank.move(second, [], patient());
  await arrive(held());
  expect((await lab.store.read(account, patient()))?.recorded.has(second.key)).toBe(true);
});
