import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Bank, createBank } from '../../functions/bank/bank.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { Store } from '../../functions/bank/store.ts';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { createClient } from '../../functions/dynamodb/client.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { type TableBooks, tableBooks } from '../../infra/tools/books/table-books.ts';
import { keyAt } from '../support/keys.ts';
import { createTestTables, type TestTables } from '../support/tables.ts';

/** The items of one book. */
export interface BookItems {
  head: Attributes | undefined;
  pages: Attributes[];
}

/** A bank on tables of its own, and ways to use it and to lay hands on its items. */
export interface UsedBank {
  readonly tables: TestTables;
  readonly store: Store;
  readonly books: TableBooks;
  readonly now: { ms: number };
  bank(options?: { store?: Store; keysNotBeforeMs?: number }): Bank;
  items(account: string): Promise<BookItems>;
  /** Puts the items of a book in place, under another name if there is one. */
  put(account: string, items: BookItems): Promise<void>;
}

export const patient = () => AbortSignal.timeout(60_000);

/** No machine is too busy for these. */
const LIMITS = { connectionTimeoutMs: 30_000, requestTimeoutMs: 30_000, maxAttempts: 3, maxSockets: 64 };

export async function openBank(): Promise<UsedBank> {
  const tables = await createTestTables();
  Object.assign(process.env, awsEnvironment(tables.endpoint, 'us-east-1'));
  const client = createClient({ region: 'us-east-1', endpoint: tables.endpoint, limits: LIMITS });
  const now = { ms: Date.now() };
  const own = createStore(client, tables, () => now.ms);
  const books = await tableBooks(client, tables);
  return {
    tables,
    store: own,
    books,
    now,
    bank: ({ store = own, keysNotBeforeMs = 0 } = {}) =>
      createBank({ store, nowMs: () => now.ms, keysNotBeforeMs }),
    items: async (account) => {
      const book = await books.book(account);
      const pages: Attributes[] = [];
      for await (const page of book.pages(0)) pages.push(page);
      return { head: book.head, pages };
    },
    put: async (account, { head, pages }) => {
      const name = { account: { S: account } };
      const put = (TableName: string, item: Attributes) =>
        client.send(new PutItemCommand({ TableName, Item: { ...item, ...name } }));
      if (head !== undefined) await put(tables.accounts, head);
      for (const page of pages) await put(tables.pages, page);
    },
  };
}

/** A call of a kind and an amount under a new key. */
export function callOf(
  account: string,
  atMs: number,
  operation: 'deposit' | 'withdraw',
  amount: number,
): Intent {
  const asked = { operation, amountMinor: BigInt(amount), reference: undefined, mustExist: false };
  return { account, key: keyAt(atMs), mayReturn: true, kind: 'execute', asked };
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
        ? { account, key: keyAt(mintedMs), mayReturn: false, kind: 'cancel' }
        : callOf(account, mintedMs, ...moveOf(call));
    const { answer, turning } = await bank.execute(intent, patient());
    await turning?.done;
    made.push({ intent, answer });
  }
  return made;
}

function moveOf(call: number): ['deposit' | 'withdraw', number] {
  if (call % 7 === 3) return ['withdraw', 1_000_000];
  return call % 2 === 0 ? ['deposit', 1000 + call] : ['withdraw', call];
}
