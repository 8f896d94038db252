import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { createLab } from '../support/dynamodb-lab.ts';
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
 * still be on its way to DynamoDB, though. However late it arrives, its condition must fail, wherever the entry and the
 * cached reply are by then.
 */

const lab = await createLab();
let proxy: FaultProxy;
let account: string;

const SHORT = { connectionTimeoutMs: 1000, requestTimeoutMs: 1000 };

beforeAll(async () => {
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
    if (held !== undefined || !isMeant(request)) {
      return PASS;
    }
    held = request;
    return { kind: 'hold' };
  };
  return () => {
    if (held === undefined) {
      throw new Error('nothing was sent');
    }
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
  const client = new BankClient({ endpoints: [region.url] });
  return { region, client };
}

const balance = async () => (await lab.item(account))?.['balance'];

/** Makes enough other calls for an entry to leave the head. */
async function turnPages(client: BankClient): Promise<void> {
  for (let others = 0; others < 2 * KEPT_ENTRIES; others += 1) {
    await client.deposit(account, 1n);
  }
  await expect.poll(async () => (await lab.item(account))?.['turned']).toBeDefined();
}

test.each([
  ['at once', async () => {}],
  [
    'after the client acknowledged its reply',
    (client: BankClient, key: string) => client.acknowledge(account, key),
  ],
  ['after its page was turned', turnPages],
])('a write that arrives after its own retry was answered moves nothing: %s', async (_, meanwhile) => {
  await lab.putItem({ account, balance: 100n });
  const { region, client } = await startBank();
  await using _region = region;
  await using _client = client;
  const held = holdNext();
  const { key } = await client.withdraw(account, 30n);
  await meanwhile(client, key);
  const before = await lab.item(account);
  await arrive(held());
  expect(await lab.item(account)).toEqual(before);
});

test('a refused withdrawal that arrives after its refusal was answered finds it, although there is money by then', async () => {
  await lab.putItem({ account, balance: 10n });
  const { region, client } = await startBank();
  await using _region = region;
  await using _client = client;
  const held = holdNext();
  await expect(client.withdraw(account, 30n)).rejects.toMatchObject({ code: 'not_enough_money' });
  await client.deposit(account, 90n);
  await arrive(held());
  expect(await balance()).toBe(100n);
  await turnPages(client);
  await arrive(held());
  expect(await balance()).toBe(100n + 2n * BigInt(KEPT_ENTRIES));
});

test('a write of a key that was cancelled meanwhile moves nothing', async () => {
  const { region, client } = await startBank();
  await using _region = region;
  await using _client = client;
  const key = newKey();
  const held = holdNext();
  const call = client.deposit(account, 30n, { key }).then(
    () => 'executed',
    (error: { code: string }) => error.code,
  );
  await vi.waitFor(held, { timeout: 60_000 });
  const { outcome } = await client.cancel(account, key);
  expect(await call).toBe(outcome);
  await arrive(held());
  expect(await balance()).toBe(outcome === 'cancelled' ? undefined : 30n);
});

test('a page that is dropped by a write that arrives late is dropped once', async () => {
  const { region, client } = await startBank();
  await using _region = region;
  await using _client = client;
  const held = holdNext(({ body }) => body.includes('REMOVE'));
  await turnPages(client);
  await turnPages(client);
  const before = await lab.item(account);
  await arrive(held());
  expect(await lab.item(account)).toEqual(before);
  expect(await lab.store.readHead(account, AbortSignal.timeout(30_000))).toMatchObject({
    balanceMinor: 4n * BigInt(KEPT_ENTRIES),
  });
});
