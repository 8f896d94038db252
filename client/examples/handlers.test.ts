import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { type BankClient, mintKey } from 'twinbank-client';
import { TestBank } from 'twinbank-client/testing';
import { createApp as createExpressApp } from './express-handler.ts';
import { createApp as createHonoApp } from './hono-handler.ts';

const SERVERS = {
  Express: (bank: BankClient) => createServer(createExpressApp(bank)),
  Hono: (bank: BankClient) => createAdaptorServer(createHonoApp(bank)),
};

for (const [name, serverOf] of Object.entries(SERVERS)) {
  describe(name, () => {
    let testBank: TestBank;
    let bank: BankClient;
    let server: ReturnType<typeof serverOf>;

    beforeEach(async () => {
      testBank = new TestBank();
      bank = testBank.client({ maxAttempts: 2 });
      await bank.deposit('card-1', 5000n);
      server = serverOf(bank).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    afterEach(() => server.close());

    async function post(
      body: string | object,
      key?: string,
    ): Promise<{ status: number; answer: Record<string, unknown> }> {
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/payments`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          connection: 'close',
          ...(key && { 'idempotency-key': key }),
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return {
        status: response.status,
        answer: Object(await response.json()) as Record<string, unknown>,
      };
    }

    test('a payment that is sent twice is taken once', async () => {
      const key = mintKey();
      const paid = { status: 200, answer: { paid: 1200, left: 3800, receipt: 2 } };
      assert.deepEqual(await post({ card: 'card-1', cents: 1200 }, key), paid);
      assert.deepEqual(await post({ card: 'card-1', cents: 1200 }, key), paid);
    });

    test('a card with too little is declined', async () => {
      const answer = { error: 'not_enough_money', paid: false, retryWith: 'new key' };
      assert.deepEqual(await post({ card: 'card-1', cents: 5001 }, mintKey()), { status: 409, answer });
    });

    test('a payment without a key, or that cannot be read, is not paid', async () => {
      assert.equal((await post({ card: 'card-1', cents: 1 })).status, 400);
      for (const body of [{ card: 'card-1', cents: -1 }, 'null', '{']) {
        const { status, answer } = await post(body, mintKey());
        assert.deepEqual({ status, paid: answer['paid'] }, { status: 400, paid: false });
      }
    });

    test('a payment while both Regions are down is not paid, and the same key pays it later', async () => {
      const key = mintKey();
      testBank.kill('us-east-1');
      testBank.kill('us-east-2');
      const { status, answer } = await post({ card: 'card-1', cents: 1 }, key);
      assert.deepEqual({ status, paid: answer['paid'] }, { status: 503, paid: false });
      testBank.start('us-east-1');
      assert.equal((await post({ card: 'card-1', cents: 1 }, key)).status, 200);
    });

    test('a payment whose reply is lost is unknown, until it is sent again', async () => {
      const key = mintKey();
      testBank.loseReplies(2);
      assert.equal((await post({ card: 'card-1', cents: 1200 }, key)).status, 504);
      assert.equal((await post({ card: 'card-1', cents: 1200 }, key)).status, 200);
      assert.equal((await bank.balance('card-1')).balance, 3800n);
    });
  });
}
