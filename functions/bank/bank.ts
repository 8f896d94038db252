import type { BankParts } from './attempt.ts';
import { type Money, moneyOf } from './book.ts';
import type { Intent, Subject } from './decide.ts';
import type { Status } from './entry.ts';
import { type Executed, execute, type KeyOutcome, outcomeOf } from './execute.ts';
import { type HoldMark, isExpired } from './mark.ts';
import { balanceAt, type Statement, type StatementRange, statement } from './statement.ts';
import type { AccountList } from './store.ts';

/** A hold that can be captured. */
export interface OpenHold {
  /** The key of its call, which is its name. */
  readonly key: string;
  readonly mark: HoldMark;
}

/** The bank, free of HTTP: plain data in, plain data out, time and randomness handed in. */
export interface Bank {
  /** Executes a call or cancels a key, at most once, and returns the answer of the key. */
  execute(intent: Intent, signal: AbortSignal): Promise<Executed>;
  /** What an account has, in minor units, and whether it is frozen; undefined for one that does not exist. */
  balance(account: string, signal: AbortSignal): Promise<(Money & { readonly status: Status }) | undefined>;
  /** What an account had at a moment; undefined for one that does not exist now. */
  balanceAt(account: string, atMs: number, signal: AbortSignal): Promise<Money | undefined>;
  /** The open holds of an account in the order of their keys, or undefined for one that does not exist. */
  holds(account: string, signal: AbortSignal): Promise<readonly OpenHold[] | undefined>;
  /** Accounts and their balances, some at a time, in the order of the table. Eventually consistent. */
  accounts(
    which: { readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<AccountList>;
  /** What a key was answered so far, or undefined. Changes nothing. */
  outcome(subject: Subject, signal: AbortSignal): Promise<KeyOutcome | undefined>;
  /** A part of an account's book, or undefined for an account that has none. */
  entries(account: string, range: StatementRange, signal: AbortSignal): Promise<Statement | undefined>;
  /** Removes a cached reply. The entry stays, and guards its key. */
  acknowledge(subject: Subject, signal: AbortSignal): Promise<void>;
  /** Resolves when a strong read works. */
  checkHealth(signal: AbortSignal): Promise<void>;
}

/** Makes a bank over a store. */
export function createBank(parts: BankParts): Bank {
  const { store, nowMs } = parts;
  return {
    execute: (intent, signal) => execute(parts, intent, signal),
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
