import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BankClient, type BankClientOptions } from '../../client/index.ts';
import type { Lab } from '../support/dynamodb-lab.ts';
import { PASS } from '../support/fault-proxy.ts';
import { itemBytes } from '../support/item-size.ts';
import { newKey } from '../support/keys.ts';
import { type ProxiedRegions, startProxiedRegions } from '../support/proxied-regions.ts';

let bank: ProxiedRegions;
let lab: Lab;
let account: string;

beforeAll(async () => {
  bank = await startProxiedRegions();
  lab = bank.lab;
});
afterAll(() => bank[Symbol.asyncDispose]());
beforeEach(() => {
  account = `account-${randomUUID()}`;
  bank.heal();
});

const client = (options: Partial<BankClientOptions> = {}) =>
  new BankClient({ endpoints: bank.urls, ...options });

const remembered = async () =>
  Object.keys((await lab.item(account)) ?? {}).flatMap((name) =>
    name.startsWith('call:') ? [name.slice('call:'.length)] : [],
  );

describe('a stream of calls on one account', () => {
  it('costs one request to DynamoDB a call and a constant, and keeps the item under 1 KB', async () => {
    const calls = 200;
    let largest = 0;
    {
      await using caller = client();
      for (let call = 0; call < calls; call += 1) {
        if (call % 3 === 2) await caller.withdraw(account, 999_999n).catch(() => {});
        else await caller.deposit(account, 1n);
        largest = Math.max(largest, itemBytes(await lab.item(account)));
      }
    }
    // A third of the calls are refusals, which take two writes each.
    const refusals = Math.floor(calls / 3);
    console.log(
      `${calls} calls, ${refusals} refused: ${lab.requests.length} requests, largest item ${largest} bytes`,
    );
    expect(lab.requests.length).toBeLessThanOrEqual(calls + refusals + 2);
    expect(largest).toBeLessThan(1024);
    expect(await remembered()).toEqual([]);
  });

  it('keeps the item under 4 KB with 16 calls in flight at once', async () => {
    let largest = 0;
    {
      await using caller = client();
      const worker = async () => {
        for (let call = 0; call < 20; call += 1) {
          await caller.deposit(account, 1n);
          largest = Math.max(largest, itemBytes(await lab.item(account)));
        }
      };
      await Promise.all(Array.from({ length: 16 }, worker));
      expect((await caller.balance(account)).balance).toBe(320n);
    }
    console.log(
      `320 calls by 16 callers: ${lab.requests.length - 1} requests, largest item ${largest} bytes`,
    );
    expect(largest).toBeLessThan(4096);
    expect(lab.requests.length).toBeLessThanOrEqual(320 + 1 + 32);
    expect(await remembered()).toEqual([]);
  });
});

describe('a reply to a key that the client minted', () => {
  it('is given back after a moment of quiet', async () => {
    await using caller = client({ acknowledgeAfterMs: 20 });
    await caller.deposit(account, 10n);
    expect(await remembered()).toHaveLength(1);
    await expect.poll(remembered).toEqual([]);
    expect(await caller.balance(account)).toMatchObject({ balance: 10n });
  });

  it('is given back when the client is closed, and a refusal takes the whole item with it', async () => {
    const caller = client();
    await expect(caller.withdraw(account, 1n)).rejects.toMatchObject({ code: 'no_such_account' });
    expect(await remembered()).toHaveLength(1);
    await caller.close();
    await caller.close();
    expect(await lab.item(account)).toBeUndefined();
  });

  it('stays when an attempt of it may still arrive', async () => {
    {
      await using caller = client();
      let lost = 0;
      bank.east.decide = () => {
        lost += 1;
        return lost === 1 ? { kind: 'drop_reply' } : PASS;
      };
      expect(await caller.deposit(account, 10n)).toMatchObject({ balance: 10n, region: 'us-east-2' });
    }
    expect(await remembered()).toHaveLength(1);
  });

  it('stays when a hedged attempt of it is still on its way', async () => {
    {
      await using caller = client({ hedgeAfterMs: 20 });
      bank.east.decide = () => ({ kind: 'hang' });
      expect(await caller.deposit(account, 10n)).toMatchObject({ region: 'us-east-2' });
    }
    expect(await remembered()).toHaveLength(1);
  });

  it('is given back with another call when the one that carried it got no answer', async () => {
    await using caller = client({ callTimeoutMs: 300, attemptTimeoutMs: 100 });
    await caller.deposit(account, 10n);
    bank.decide(() => ({ kind: 'drop_request' }));
    await expect(caller.deposit(account, 5n)).rejects.toMatchObject({ code: 'outcome_unknown' });
    bank.decide(() => PASS);
    const { key } = await caller.deposit(account, 7n);
    expect(await remembered()).toEqual([key]);
  });

  it('is never given back by a client that was told not to', async () => {
    {
      await using caller = client({ acknowledgeAfterMs: false });
      await caller.deposit(account, 10n);
      await caller.deposit(account, 10n);
    }
    expect(await remembered()).toHaveLength(2);
  });

  it('is not given back one by one to a bank that is gone: closing waits for one attempt, not for each reply', async () => {
    // Long enough for 40 deposits at once on a busy machine: an attempt that times out leaves its reply to the archive.
    const caller = client({ attemptTimeoutMs: 2_000 });
    const names = Array.from({ length: 40 }, () => `account-${randomUUID()}`);
    await Promise.all(names.map((name) => caller.deposit(name, 1n)));
    const before = bank.east.requests.length;
    bank.decide(() => ({ kind: 'hang' }));
    await caller.close();
    const sent = bank.east.requests.slice(before).filter(({ method }) => method === 'DELETE');
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(4);
  });

  it('is not given back after the client was closed, though a call that carried it ended later', async () => {
    const caller = client({ acknowledgeAfterMs: 50, attemptTimeoutMs: 5000 });
    await caller.deposit(account, 1n);
    bank.decide(() => ({ kind: 'hang' }));
    const before = bank.east.requests.length;
    const open = caller.deposit(account, 1n).catch((error: unknown) => error);
    await expect.poll(() => bank.east.requests.length).toBe(before + 1);
    await caller.close();
    await open;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(bank.east.requests.length).toBe(before + 1);
  });

  it('does not keep the client from closing when the bank is gone', async () => {
    const caller = client({ attemptTimeoutMs: 100 });
    await caller.deposit(account, 10n);
    bank.decide(() => ({ kind: 'hang' }));
    await caller.close();
    expect(bank.east.requests.at(-1)).toMatchObject({ method: 'DELETE' });
  });
});

describe('a reply to a key that the caller gave', () => {
  it('stays until the caller gives it back', async () => {
    const key = newKey();
    {
      await using caller = client();
      await caller.deposit(account, 10n, { key });
      await caller.deposit(account, 10n);
    }
    expect(await remembered()).toEqual([key]);
    await using caller = client();
    await caller.acknowledge(account, key);
    await caller.acknowledge(account, key);
    expect(await remembered()).toEqual([]);
    expect(await caller.balance(account)).toMatchObject({ balance: 20n });
  });
});
