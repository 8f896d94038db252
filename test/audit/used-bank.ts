import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { CashMove } from '../../client/contract/operations.ts';
import { type Bank, createBank } from '../../functions/bank/bank.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { Asked } from '../../functions/bank/entry.ts';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { createClient } from '../../functions/dynamodb/client.ts';
import { Connection } from '../../functions/dynamodb/connection.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { tableBooks } from '../../infra/tools/books/table-books.ts';
import { captureOf, holdOf, intentOf, transferOf as plainTransferOf, voidOf } from '../support/asked.ts';
import { storeWithout } from '../support/before-append.ts';
import { createTestTables, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { callOf as plainCallOf } from '../support/plain-bank.ts';

/** The items of one book. */
export interface BookItems {
  head: Attributes | undefined;
  pages: Attributes[];
}

export type UsedBank = Awaited<ReturnType<typeof openBank>>;

/** No machine is too busy for these. */
const LIMITS = { connectionTimeoutMs: 30_000, requestTimeoutMs: 30_000, maxAttempts: 3, maxSockets: 64 };

/** A bank on tables of its own, and ways to use it and to change its items. */
export async function openBank() {
  const tables = await createTestTables();
  Object.assign(process.env, awsEnvironment(tables.endpoint, 'us-east-1'));
  const client = createClient({ region: 'us-east-1', endpoint: tables.endpoint, limits: LIMITS });
  const now = { ms: Date.now() };
  const own = createStore(new Connection(client), tables, () => now.ms);
  const books = await tableBooks(client, tables);
  return {
    tables,
    store: own,
    books,
    now,
    bank: ({ store = own, keysNotBeforeMs = 0 }: { store?: Store; keysNotBeforeMs?: number } = {}) =>
      createBank({ store, nowMs: () => now.ms, keysNotBeforeMs }),
    items: async (account: string): Promise<BookItems> => {
      const book = await books.book(account);
      const pages: Attributes[] = [];
      for await (const page of book.pages(0)) {
        pages.push(page);
      }
      return { head: book.head, pages };
    },
    /** Puts the items of a book in place, under another name if there is one. */
    put: async (account: string, { head, pages }: BookItems) => {
      const name = { account: { S: account } };
      const put = (TableName: string, item: Attributes) =>
        client.send(new PutItemCommand({ TableName, Item: { ...item, ...name } }));
      if (head !== undefined) {
        await put(tables.accounts, head);
      }
      for (const page of pages) {
        await put(tables.pages, page);
      }
    },
  };
}

/** A call of a kind and an amount under a new key. */
export function callOf(account: string, atMs: number, operation: CashMove, amount: number): Intent {
  return plainCallOf({ account, key: keyAt(atMs) }, operation, BigInt(amount));
}

/** Executes a call, and does what it leaves to do. Returns its key. */
export async function call(bank: Bank, account: string, atMs: number, asked: Asked): Promise<string> {
  const intent = intentOf({ account, key: keyAt(atMs) }, asked);
  await (await bank.execute(intent, patient())).remaining?.done;
  return intent.key;
}

/** A transfer with the words of its payer, which an audit compares as well. */
export const transferOf = (to: string, amount: number) => plainTransferOf(to, amount, 'order 4711');

/**
 * Moves money from one account to another in all the ways that there are: transfers that are settled, returned, and under way; holds that
 * are open, captured in part, captured to the other account, voided, and expired.
 */
export async function trade({ bank, store, now }: UsedBank, from: string, to: string): Promise<void> {
  const usual = bank();
  const ask = (asked: Asked, by: Bank = usual) => call(by, from, now.ms, asked);
  for (const account of [from, to]) {
    await usual.execute(callOf(account, now.ms, 'deposit', 1000), patient());
  }
  await ask(transferOf(to, 10));
  await ask(transferOf('nobody', 11));
  await ask(holdOf(12, 1));
  now.ms += 2000;
  await ask(captureOf(await ask(holdOf(50)), { amountMinor: 13n, isFinal: false }));
  await ask(captureOf(await ask(holdOf(50)), { amountMinor: 14n }));
  await ask(captureOf(await ask(holdOf(50)), { amountMinor: 15n, to }));
  await ask(voidOf(await ask(holdOf(16))));
  const parts = { store, nowMs: () => now.ms, keysNotBeforeMs: 0 };
  await sweep(parts, patient(), (account, cause) => {
    throw new Error(`the sweep of ${account} failed`, { cause });
  });
  await ask(transferOf(to, 17), bank({ store: storeWithout(store, to) })).catch(() => {});
}

/**
 * Makes calls one after another: deposits, withdrawals, some of which are refused, and cancellations, under keys that are
 * not in their order. Returns them with their answers.
 */
export async function use(bank: Bank, account: string, calls: number, nowMs: number) {
  const made = [];
  for (let call = 0; call < calls; call += 1) {
    const mintedMs = nowMs - 1000 - ((call * 7919) % 10_000);
    const intent: Intent =
      call % 7 === 5
        ? { account, key: keyAt(mintedMs), mayRetry: false, kind: 'cancel' }
        : callOf(account, mintedMs, ...moveOf(call));
    const { answer, remaining } = await bank.execute(intent, patient());
    await remaining?.done;
    made.push({ intent, answer });
  }
  return made;
}

function moveOf(call: number): [CashMove, number] {
  if (call % 7 === 3) {
    return ['withdraw', 1_000_000];
  }
  return call % 2 === 0 ? ['deposit', 1000 + call] : ['withdraw', call];
}
