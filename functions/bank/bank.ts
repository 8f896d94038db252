import type { Line } from './book.ts';
import type { Intent, Subject } from './decide.ts';
import { type BankParts, type Executed, execute, lookUp } from './execute.ts';
import { balanceAt, type Statement, type Stretch, statement } from './statement.ts';
import type { AccountList } from './store.ts';
import { type SweepReport, sweep } from './sweep.ts';

/** The bank, free of HTTP: plain data in, plain data out, time handed in. */
export interface Bank {
  /** Executes a call or cancels a key, once for ever, and says what the key was answered. */
  execute(intent: Intent, signal: AbortSignal): Promise<Executed>;
  /** The balance in minor units, or undefined for an account that nobody has deposited to. */
  balance(account: string, signal: AbortSignal): Promise<bigint | undefined>;
  /** The balance at a moment; undefined for an account that nobody has deposited to until now. */
  balanceAt(account: string, atMs: number, signal: AbortSignal): Promise<bigint | undefined>;
  /** Accounts and their balances, some at a time, in the order of the table. Eventually consistent. */
  accounts(
    which: { readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<AccountList>;
  /** What a key was answered so far, or undefined. Changes nothing. */
  outcome(subject: Subject, signal: AbortSignal): Promise<Line | undefined>;
  /** A part of an account's book, or undefined for an account that has none. */
  entries(account: string, stretch: Stretch, signal: AbortSignal): Promise<Statement | undefined>;
  /** Removes a cached reply. The entry stays, and guards its key. */
  acknowledge(subject: Subject, signal: AbortSignal): Promise<void>;
  /** Does what is due: drives transfers to their end, and ends holds that have expired. Safe at any time, in both Regions at once. */
  sweep(signal: AbortSignal): Promise<SweepReport>;
  /** Resolves when a strong read works. */
  checkHealth(signal: AbortSignal): Promise<void>;
}

/** Makes a bank over a store. */
export function createBank(parts: BankParts): Bank {
  const { store } = parts;
  return {
    execute: (intent, signal) => execute(parts, intent, signal),
    balance: async (account, signal) => (await store.readHead(account, signal)).balanceMinor,
    balanceAt: (account, atMs, signal) => balanceAt(store, account, atMs, signal),
    accounts: (which, signal) => store.listAccounts(which, signal),
    outcome: (subject, signal) => lookUp(store, subject, signal),
    entries: (account, stretch, signal) => statement(store, account, stretch, signal),
    acknowledge: (subject, signal) => store.forget(subject, signal),
    sweep: (signal) => sweep(parts, signal),
    checkHealth: (signal) => store.checkHealth(signal),
  };
}
