import type { Subject } from './append.ts';
import type { BankParts } from './attempt.ts';
import { type Batch, type BatchExecuted, executeBatch } from './batch.ts';
import { type Money, moneyOf } from './book.ts';
import type { Intent } from './decide.ts';
import type { Status } from './entry.ts';
import { type Executed, execute, type KeyOutcome, outcomeOf } from './execute.ts';
import { type HoldMark, isExpired } from './mark.ts';
import { balanceAt, type Statement, type StatementRange, statement } from './statement.ts';
import type { AccountList } from './store.ts';

/** A hold that can be captured. */
export interface OpenHold {
  /** The key of its call, which is the name of the hold. */
  readonly key: string;
  readonly mark: HoldMark;
}

/** The bank without HTTP: it takes and returns plain data. */
export interface Bank {
  /** Executes a call or cancels a key, at most once, and returns the answer of the key. */
  execute(intent: Intent, signal: AbortSignal): Promise<Executed>;
  /** Executes calls of one account, each at most once, in as few writes as it can, and returns their answers. */
  executeBatch(batch: Batch, signal: AbortSignal): Promise<BatchExecuted>;
  /** The money of an account and whether it is frozen; undefined if the account does not exist. */
  balance(account: string, signal: AbortSignal): Promise<(Money & { readonly status: Status }) | undefined>;
  /** The money of an account at a time; undefined if the account does not exist now. */
  balanceAt(account: string, atMs: number, signal: AbortSignal): Promise<Money | undefined>;
  /** The open holds of an account in the order of their keys; undefined if the account does not exist. */
  holds(account: string, signal: AbortSignal): Promise<readonly OpenHold[] | undefined>;
  /** The next accounts and their balances, in the order of the table. Eventually consistent. */
  accounts(
    which: { readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<AccountList>;
  /** What is recorded of a key so far, or undefined. Changes nothing. */
  outcome(subject: Subject, signal: AbortSignal): Promise<KeyOutcome | undefined>;
  /** A part of an account's book; undefined if the account has none. */
  entries(account: string, range: StatementRange, signal: AbortSignal): Promise<Statement | undefined>;
  /** Deletes a cached reply. The entry stays and still guards its key. */
  acknowledge(subject: Subject, signal: AbortSignal): Promise<void>;
  /** Resolves if a strongly consistent read succeeds. */
  checkHealth(signal: AbortSignal): Promise<void>;
}

/** Makes a bank on a store. */
export function createBank(parts: BankParts): Bank {
  const { store, nowMs } = parts;
  return {
    execute: (intent, signal) => execute(parts, intent, signal),
    executeBatch: (batch, signal) => executeBatch(parts, batch, signal),
    balance: async (account, signal) => {
      const head = await store.readHead(account, signal);
      const money = moneyOf(head, nowMs());
      return money === undefined ? undefined : { ...money, status: head.status };
    },
    balanceAt: (account, atMs, signal) => balanceAt(store, account, atMs, signal),
    holds: async (account, signal) => {
      const { balanceMinor, marks } = await store.readHead(account, signal);
      const atMs = nowMs();
      const open = [...marks].flatMap(([key, mark]): OpenHold[] =>
        mark.kind === 'hold' && !isExpired(mark, atMs) ? [{ key, mark }] : [],
      );
      return balanceMinor === undefined ? undefined : open;
    },
    accounts: (which, signal) => store.listAccounts(which, signal),
    outcome: (subject, signal) => outcomeOf(parts, subject, signal),
    entries: (account, range, signal) => statement(store, account, range, signal),
    acknowledge: (subject, signal) => store.forget(subject, signal),
    checkHealth: (signal) => store.checkHealth(signal),
  };
}
