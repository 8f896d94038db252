import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { freePorts } from '../../infra/local/free-ports.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { browserOrNull, NO_BROWSER } from '../support/browser.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { keepCopies } from '../support/late-copies.ts';
import type { StartedBank } from '../support/started-bank.ts';
import { type Bundle, bundleForBrowsers } from './bundle.ts';
import { type Packed, pack, removeFolder } from './packed.ts';
import { openPage } from './page.ts';

const title = 'the client in a page';

describe.skipIf(NO_BROWSER !== undefined)(
  NO_BROWSER === undefined ? title : `${title} (${NO_BROWSER})`,
  () => {
    const lab = new BankLab();
    let packed: Packed;
    let bundle: Bundle;
    let browser: Browser | null;
    let bank: StartedBank;
    let endpoints: { url: string; region: string }[];

    beforeAll(async () => {
      const ports = await freePorts();
      const args = ['--ports', ports.join()];
      const environment = { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') };
      bank = await lab.start(null, args, environment);
      [packed, browser] = await Promise.all([pack('client'), browserOrNull(), bank.ready()]);
      bundle = await bundleForBrowsers(join(packed.folder, 'client'));
      endpoints = [FIRST, SECOND].map((region) => ({ region, url: bank.region(region).url }));
    });
    afterAll(async () => {
      await browser?.close();
      await lab.close();
      await removeFolder(packed.folder);
    });
    beforeEach(() => bank.heal(FIRST, SECOND));

    /** A new web page that has loaded the bundle, and made a client of these endpoints. */
    async function open(known: readonly { readonly url: string; readonly region: string }[] = endpoints) {
      if (browser === null) {
        throw new Error('no browser');
      }
      const opened = await openPage(browser, bundle);
      await opened.page.evaluate((endpoints) => {
        globalThis.bankClient = new globalThis.twinbank.BankClient({ endpoints });
      }, known);
      return opened;
    }

    test('deposits, withdraws and asks, and gets each refusal and outcome', async () => {
      await using opened = await open();
      const results = await opened.page.evaluate(async (endpoints) => {
        const { BankClient, RefusedError, mintKey } = globalThis.twinbank;
        const client = new BankClient({ endpoints });
        const account = `page-${mintKey()}`;
        const key = mintKey();
        const deposited = await client.deposit(account, 100n, { key });
        const again = await client.deposit(account, 100n, { key });
        const withdrawn = await client.withdraw(account, 30);
        const refusal = await client.withdraw(account, 71n).catch((error: unknown) => error);
        const { balance } = await client.balance(account);
        const outcome = await client.outcome(account, key);
        const unused = await client.outcome(account, mintKey());
        await client.close();
        return {
          balances: [deposited.balance, again.balance, withdrawn.balance, balance],
          region: deposited.region,
          refusal: refusal instanceof RefusedError && refusal.code,
          outcome: outcome.outcome === 'executed' && outcome.balance,
          unused: unused.outcome,
        };
      }, endpoints);

      expect(results).toEqual({
        balances: [100n, 100n, 70n, 70n],
        region: FIRST,
        refusal: 'not_enough_money',
        outcome: 100n,
        unused: 'none',
      });
    });

    test('goes on in the other Region when the process of one is killed under it', async () => {
      await using opened = await open();
      const deposit = (account: string) =>
        opened.page.evaluate(async (account) => {
          const { balance, region } = await globalThis.bankClient.deposit(account, 10n);
          return { balance, region };
        }, account);
      const account = `page-failover-${process.pid}`;

      expect(await deposit(account)).toEqual({ balance: 10n, region: FIRST });
      await bank.order('kill', FIRST);
      expect(await deposit(account)).toEqual({ balance: 20n, region: SECOND });
      expect(await deposit(account)).toEqual({ balance: 30n, region: SECOND });
    });

    test('is not paid twice when Chromium resends a deposit whose first copy comes late', async () => {
      const [east, west] = endpoints;
      if (east === undefined || west === undefined) {
        throw new Error('a bank has two Regions');
      }
      await using network = await startFaultProxy(east.url);
      const keepNext = keepCopies([{ url: east.url, network }], ({ method }) => method === 'POST');
      await using opened = await open([{ ...east, url: network.url }, west]);
      const account = `page-resend-${process.pid}`;
      const deposit = (amount: number) =>
        opened.page.evaluate(
          async ({ account, amount }) => {
            const { bankClient } = globalThis;
            const { balance, region, key } = await bankClient.deposit(account, amount);
            await bankClient.acknowledge(account, key);
            return { balance, region };
          },
          { account, amount },
        );

      expect(await deposit(1)).toEqual({ balance: 1n, region: FIRST });
      const kept = keepNext({ kind: 'drop_request' });
      // The same Region answers the second copy. The client made one attempt and saw no failure.
      expect(await deposit(100)).toEqual({ balance: 101n, region: FIRST });
      expect(await (await kept).deliver()).toMatchObject({ status: 200 });
      expect(await deposit(1)).toEqual({ balance: 102n, region: FIRST });
    });

    test('can close a matter that was left open when both Regions were down', async () => {
      await using opened = await open();
      await Promise.all([FIRST, SECOND].map((region) => bank.order('kill', region)));
      const account = `page-open-${process.pid}`;
      const error = await opened.page.evaluate(
        async ({ endpoints, account }) => {
          const client = new globalThis.twinbank.BankClient({ endpoints, maxAttempts: 2 });
          const error = await client.deposit(account, 10n).catch((error: unknown) => error);
          // A web page does not learn whether a failed request was sent. To be safe, the client assumes that it was.
          if (!(error instanceof globalThis.twinbank.OutcomeUnknownError)) {
            throw error;
          }
          return { key: error.key, reasons: error.failures.map(({ reason }) => reason) };
        },
        { endpoints, account },
      );
      expect(error.reasons).toEqual(['connection_lost', 'connection_lost']);

      await bank.order('start', SECOND);
      const { key } = error;
      const outcomes = await opened.page.evaluate(
        async ({ endpoints, account, key }) => {
          const client = new globalThis.twinbank.BankClient({ endpoints });
          const cancelled = await client.cancel(account, key);
          const after = await client.outcome(account, key);
          const retried = await client.deposit(account, 10n, { key }).catch((error: unknown) => error);
          return [cancelled.outcome, after.outcome, (retried as { code?: string }).code];
        },
        { endpoints, account, key },
      );
      expect(outcomes).toEqual(['cancelled', 'cancelled', 'cancelled']);
    });

    test('loads what signs with the first signed call; when that fails, nothing was sent', async () => {
      await using opened = await open();
      const [signer] = bundle.later.map(({ name }) => `/${name}`);
      const deposit = (account: string, credentials?: { accessKeyId: string; secretAccessKey: string }) =>
        opened.page.evaluate(
          async ({ endpoints, account, credentials }) => {
            const client = new globalThis.twinbank.BankClient({
              endpoints,
              maxAttempts: 2,
              ...(credentials === undefined ? {} : { credentials }),
            });
            try {
              return (await client.deposit(account, 10n)).balance;
            } catch (error) {
              if (!(error instanceof globalThis.twinbank.UnavailableError)) {
                throw error;
              }
              return error.failures.map(({ reason, executed }) => `${reason}: ${executed}`);
            } finally {
              await client.close();
            }
          },
          { endpoints, account, credentials },
        );
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
      const account = `page-signed-${process.pid}`;

      expect(await deposit(account)).toBe(10n);
      expect(opened.loaded).not.toContain(signer);

      opened.missing.add(String(signer));
      expect(await deposit(account, credentials)).toEqual(['cannot_sign: no', 'cannot_sign: no']);
      expect(await deposit(account)).toBe(20n);

      opened.missing.clear();
      expect(await deposit(account, credentials)).toBe(30n);
      expect(opened.loaded).toContain(signer);
    });
  },
);
