import { setTimeout as sleep } from 'node:timers/promises';
import { type Bank, createBank } from '../../../functions/bank/bank.ts';
import { createClient } from '../../../functions/dynamodb/client.ts';
import { Connection } from '../../../functions/dynamodb/connection.ts';
import { createStore } from '../../../functions/dynamodb/store.ts';
import type { TableNames } from '../../../infra/names.ts';
import { callOf } from '../../support/plain-bank.ts';
import { CLIENT_LIMITS, type Contender } from './contender.ts';

interface BankContenderOptions {
  readonly endpoint: string;
  readonly tables: TableNames;
}

export interface BankContender extends Contender {
  readonly bank: Bank;
  /** Reads the newest entries of a statement. Throws where there are less than {@link STATEMENT_ENTRIES}. */
  statement(account: string): Promise<void>;
  /** Waits for the pages that no call has waited for: they belong to the calls that made them due. */
  pagesTurned(): Promise<void>;
}

/** Longest that the function delays an answer for a page. */
const TURNING_MS = 100;

const CALL_TIMEOUT_MS = 30_000;

/** Entries of the first page of a statement. */
export const STATEMENT_ENTRIES = 100;

/** The bank's core and store. A call that makes a page due waits for it as the function does. */
export function createBankContender({ endpoint, tables }: BankContenderOptions): BankContender {
  const client = createClient({ region: 'us-east-1', endpoint, limits: CLIENT_LIMITS });
  const store = createStore(new Connection(client), tables, Date.now);
  const bank = createBank({ store, nowMs: Date.now, keysNotBeforeMs: 0 });
  const turning = new Set<Promise<void>>();
  const signal = () => AbortSignal.timeout(CALL_TIMEOUT_MS);
  return {
    client,
    bank,
    execute: async ({ account, key, operation, amountMinor, mayRetry = false }) => {
      const call = callOf({ account, key }, operation, amountMinor, { mayRetry });
      const { answer, remaining: page } = await bank.execute(call, signal());
      if (page !== undefined) {
        const done = page.done.finally(() => turning.delete(done));
        turning.add(done);
        await Promise.race([done, sleep(TURNING_MS, undefined, { ref: false })]);
      }
      if (answer.kind === 'recorded') {
        const { entry, balanceMinor } = answer.line;
        if (entry.body.kind === 'executed') {
          return { kind: 'executed', balanceMinor };
        }
        if (entry.body.kind === 'refused') {
          return { kind: 'refused' };
        }
      }
      throw new Error(`the bank neither executed nor refused a call: ${answer.kind}`);
    },
    balance: async (account) => (await bank.balance(account, signal()))?.balanceMinor,
    statement: async (account) => {
      const found = await bank.entries(account, { before: undefined, limit: STATEMENT_ENTRIES }, signal());
      if (found?.lines.length !== STATEMENT_ENTRIES) {
        throw new Error(`expected a statement of ${STATEMENT_ENTRIES} entries, got ${found?.lines.length}`);
      }
    },
    pagesTurned: async () => {
      await Promise.all(turning);
    },
  };
}
