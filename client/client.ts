// Types of Node declare `AsyncDisposable`, but a web page does not have them: so the compiled file must name the library itself.
/// <reference lib="esnext.disposable" preserve="true" />
import { toAccount, toKey, toMomentMs } from './amount.ts';
import type {
  Balance,
  Captured,
  Entry,
  Held,
  Holds,
  KeyOutcome,
  ListedAccount,
  Moved,
  OutcomeSoFar,
  Refunded,
  Status,
  StatusSet,
  Transferred,
  Voided,
} from './answers.ts';
import type {
  AccountsOptions,
  BalanceOptions,
  CallOptions,
  CaptureOptions,
  DepositOptions,
  EntriesOptions,
  HoldOptions,
  MoveOptions,
  RefundOptions,
} from './call-options.ts';
import { MAX_LIMIT } from './contract/formats.ts';
import { Dispatcher } from './dispatcher.ts';
import { InvalidArgumentError, type RefusedError } from './errors.ts';
import * as moves from './moves.ts';
import { type BankClientOptions, count, resolveOptions } from './options.ts';
import { readAccounts, readBalance, readEntries, readHolds } from './read-answer.ts';
import { acknowledgeRequest, cancelRequest, outcomeRequest, readRequest } from './requests.ts';

/**
 * A client of a bank in two Regions. If one of them fails, calls continue in the other one. Make one client and share it: it remembers
 * which Region works, and calls may run at the same time. Close it at the end.
 *
 * Accounts are 1 to 128 letters, digits and `. _ : @ -`, and start with a letter or digit. Amounts are whole minor units
 * from 1 to 999999999999999, as a `bigint` or a whole `number`. Times are milliseconds.
 *
 * A call that fails throws one of four errors, and each says what happened to the money: see {@link BankError}. There are two more, and
 * nothing was sent then: a call whose `signal` is aborted before it begins throws the reason of the signal, and a call on a closed client
 * throws an `AbortError`.
 *
 * @example
 * ```ts
 * await using bank = new BankClient({ endpoints: ['http://127.0.0.1:3020', 'http://127.0.0.1:3030'] });
 * const { balance } = await bank.deposit('joe', 10n);
 * ```
 */
export class BankClient implements AsyncDisposable {
  readonly #dispatcher: Dispatcher;

  /**
   * Makes a client. Nothing is sent yet. Throws {@link InvalidArgumentError} when an option cannot be used.
   *
   * @example
   * ```ts
   * const bank = new BankClient({
   *   endpoints: ['https://abc123.execute-api.us-east-1.amazonaws.com', 'https://def456.execute-api.us-east-2.amazonaws.com'],
   *   credentials: fromNodeProviderChain(),
   *   hedgeAfterMs: 300,
   * });
   * ```
   */
  constructor(options: BankClientOptions) {
    this.#dispatcher = new Dispatcher(resolveOptions(options));
  }

  /**
   * Puts an amount of minor units into an account. The first deposit opens the account, unless `options.mustExist` is true. A call takes
   * effect once or not at all, however often it is attempted, and a retry with the same key gets the same answer.
   *
   * The client mints the key, unless you give one as `options.key`. The call takes at most `callTimeoutMs`, 10 seconds by default.
   *
   * Throws {@link RefusedError} if nothing was moved and a retry with the same key cannot move anything either. Its `code` is
   * `balance_too_large` (the balance would have more than 15 digits), `no_such_account` (with `mustExist`), `account_frozen` (the credits
   * of the account are frozen), `cancelled`, `key_reused`, `key_expired` or `key_in_future` (the key cannot be used for this call), or
   * `not_authorized` (your credentials do not allow the call). Throws {@link UnavailableError} if the call was certainly not executed,
   * {@link OutcomeUnknownError} if it may have been executed or may still be: call again with `error.key`. Throws
   * {@link InvalidArgumentError} if nothing was sent.
   *
   * @example
   * ```ts
   * const { balance } = await bank.deposit('joe', 1250n, { key: order.key }); // 12.50, if a minor unit is a cent
   * ```
   */
  async deposit(account: string, amount: bigint | number, options: DepositOptions = {}): Promise<Moved> {
    return await this.#dispatcher.move(moves.depositOf(account, amount, options), options);
  }

  /**
   * Takes an amount of minor units out of an account, never more than its balance.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `not_enough_money`, `no_such_account` (it never had a
   * deposit) or `account_frozen` (its debits are frozen): nothing was taken. The refusal is recorded under the key. To try again later,
   * use a new key.
   *
   * @example
   * ```ts
   * try {
   *   await bank.withdraw('joe', 1250n, { key: order.key });
   * } catch (error) {
   *   if (error instanceof RefusedError && error.code === 'not_enough_money') await decline(order);
   *   else throw error;
   * }
   * ```
   */
  async withdraw(account: string, amount: bigint | number, options: MoveOptions = {}): Promise<Moved> {
    return await this.#dispatcher.move(moves.withdrawalOf(account, amount, options), options);
  }

  /**
   * Moves an amount of minor units from one account to another, never more than the balance. The key belongs to the account that pays.
   * The bank answers when the other account has the money. Once a transfer has begun, the bank completes it, with or without a retry.
   * Until then the money is held on the account that pays.
   *
   * Throws as {@link BankClient.withdraw} does, and {@link RefusedError} with `no_such_destination` (`to` never had a deposit),
   * `destination_frozen` (credits of `to` are frozen) or `balance_too_large` (its balance would have more than 15 digits): nothing was
   * moved. Throws {@link InvalidArgumentError} also if `from` and `to` are the same.
   *
   * @example
   * ```ts
   * const { balance } = await bank.transfer('joe', 'ann', 1250n, { key: order.key });
   * ```
   */
  async transfer(
    from: string,
    to: string,
    amount: bigint | number,
    options: MoveOptions = {},
  ): Promise<Transferred> {
    return await this.#dispatcher.move(moves.transferOf(from, to, amount, options), options);
  }

  /**
   * Reserves an amount of minor units: it leaves the balance, and only a capture of this hold can take it, until the hold is voided or
   * expires. The key of the call is the name of the hold: keep it.
   *
   * Throws as {@link BankClient.withdraw} does, and {@link RefusedError} with `too_many_holds` if the account has 100 open holds.
   *
   * @example
   * ```ts
   * const { key: hold } = await bank.hold('joe', 5000n, { expiresInSeconds: 3600 });
   * await bank.capture('joe', hold, { amount: 4250n }); // The other 750 are in the balance again.
   * ```
   */
  async hold(account: string, amount: bigint | number, options: HoldOptions = {}): Promise<Held> {
    return await this.#dispatcher.move(moves.holdOf(account, amount, options), options);
  }

  /**
   * Captures a hold: takes its money out of the bank, or transfers it to `options.to`. Without `options.amount`, it captures all that
   * remains. The rest is released, unless `options.final` is false. A capture has a key of its own, and a retry with that key gets the
   * same answer, even if the hold has changed since.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `no_such_hold`, `hold_exceeded` (less remains),
   * `hold_captured`, `hold_voided`, `hold_expired` or `account_frozen` (debits): nothing was moved. With `options.to` it also throws
   * {@link RefusedError} with `no_such_destination`, `destination_frozen` or `balance_too_large`: then the captured money is in the
   * balance again, and no longer held.
   *
   * @example
   * ```ts
   * const { amount, held } = await bank.capture('joe', hold, { amount: 1000n, final: false });
   * ```
   */
  async capture(account: string, hold: string, options: CaptureOptions = {}): Promise<Captured> {
    return await this.#dispatcher.move(moves.captureOf(account, hold, options), options);
  }

  /**
   * Ends a hold, and gives what remains of it back to the balance.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `no_such_hold`, `hold_captured`, `hold_voided` or
   * `hold_expired`: nothing was moved.
   *
   * @example
   * ```ts
   * const { amount } = await bank.void('joe', hold); // what was released
   * ```
   */
  async void(account: string, hold: string, options: MoveOptions = {}): Promise<Voided> {
    return await this.#dispatcher.move(moves.voidOf(account, hold, options), options);
  }

  /**
   * Gives back what a call moved, or `options.amount` of it. The money of a withdrawal, or of a capture that took it out of the bank,
   * returns to the balance of `account`. The money of a transfer that the account received returns to the account that paid. `call` is the
   * key of the entry in the statement of `account`. A call can be refunded in parts, together never more than it moved.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `no_such_call`, `not_refundable`, `refund_exceeded` or
   * `account_frozen`: nothing was moved. For a transfer also with `not_enough_money` (the account has spent the money),
   * `destination_frozen` or `balance_too_large` (of the account that paid).
   *
   * @example
   * ```ts
   * const paid = await bank.withdraw('joe', 1250n);
   * const { amount, balance } = await bank.refund('joe', paid.key, { amount: 250n });
   * ```
   */
  async refund(account: string, call: string, options: RefundOptions = {}): Promise<Refunded> {
    return await this.#dispatcher.move(moves.refundOf(account, call, options), options);
  }

  /**
   * Freezes or opens an account, for debits, for credits or for both. While debits are frozen, withdrawals, transfers, holds, captures
   * and refunds of received transfers are refused with `account_frozen`. While credits are frozen, deposits and refunds of withdrawals and
   * captures are refused with `account_frozen`, and transfers and refunds to the account with `destination_frozen`. Holds can still be
   * voided and expire, and transfers that have begun still end. The call needs a permission of its own.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `no_such_account` if the account never had a deposit.
   *
   * @example
   * ```ts
   * await bank.setStatus('joe', { debits: 'frozen' }, { reference: 'case 4711' });
   * await bank.setStatus('joe', { debits: 'open', credits: 'open' });
   * ```
   */
  async setStatus(account: string, status: Status, options: MoveOptions = {}): Promise<StatusSet> {
    return await this.#dispatcher.move(moves.statusOf(account, status, options), options);
  }

  /**
   * Lists the open holds of an account, in the order of their keys, without those that have expired. The read is strongly consistent.
   *
   * Throws as {@link BankClient.balance} does. It moves no money.
   *
   * @example
   * ```ts
   * const { holds } = await bank.holds('joe');
   * for (const { hold, remaining, expiresAt } of holds) console.log(hold, remaining, expiresAt.toISOString());
   * ```
   */
  async holds(account: string, options: CallOptions = {}): Promise<Holds> {
    const request = readRequest('holds', { account: toAccount(account) }, {}, readHolds);
    return await this.#dispatcher.send(request, options);
  }

  /**
   * Reads the balance of an account, now or at a time in the past. The read is strongly consistent: it includes every call that was
   * answered before it. `balance` does not include what is held.
   *
   * Throws {@link RefusedError} with `no_such_account` (the account never had a deposit), `bad_request` (`at` is in the future by the
   * bank's clock) or `not_authorized`, {@link UnavailableError} if no Region answered in time, or {@link InvalidArgumentError}. It moves
   * no money.
   *
   * @example
   * ```ts
   * const { balance, held } = await bank.balance('joe', { timeoutMs: 2000 });
   * ```
   */
  async balance(account: string, options: BalanceOptions = {}): Promise<Balance> {
    const at = options.at === undefined ? undefined : new Date(toMomentMs(options.at)).toISOString();
    const request = readRequest('balance', { account: toAccount(account) }, { at }, readBalance);
    return await this.#dispatcher.send(request, options);
  }

  /**
   * Iterates over the statement of an account: every entry since the account was opened, newest first, or oldest first with
   * `options.after`. The read is strongly consistent: it includes every call that was answered before it. It reads `pageSize` entries in
   * one request, and the next ones when you iterate past them.
   *
   * Throws {@link RefusedError} with `no_such_account` (the bank never recorded a call of the account) or `not_authorized`,
   * {@link UnavailableError} if no Region answered in time, or {@link InvalidArgumentError}. It moves no money.
   *
   * @example
   * ```ts
   * for await (const { sequence, at, change, balance, reference } of bank.entries('joe')) {
   *   console.log(sequence, at.toISOString(), change, balance, reference ?? '');
   * }
   * ```
   */
  async *entries(account: string, options: EntriesOptions = {}): AsyncGenerator<Entry, void> {
    const names = { account: toAccount(account) };
    const { before, after, refusals = false } = options;
    if (before !== undefined && after !== undefined) {
      throw new InvalidArgumentError('entries: give before or after, not both. Nothing was sent.');
    }
    const limit = pageSizeOf(options);
    const isOldestFirst = after !== undefined;
    for (let from = before ?? after; ; ) {
      const place = isOldestFirst ? { after: from ?? 0 } : { before: from };
      const request = readRequest('entries', names, { limit, refusals, ...place }, readEntries);
      const { entries, next } = await this.#dispatcher.send(request, options);
      yield* entries;
      if (next === undefined) {
        return;
      }
      from = next;
    }
  }

  /**
   * Iterates over the accounts of the bank and their balances, in the order of its table. The list is for operators. It is eventually
   * consistent, so changes of the last seconds may be missing. Accounts without a deposit are not in it.
   *
   * Throws {@link RefusedError} with `not_authorized`, {@link UnavailableError} if no Region answered in time, or
   * {@link InvalidArgumentError}. It moves no money.
   *
   * @example
   * ```ts
   * for await (const { account, balance } of bank.accounts()) console.log(account, balance);
   * ```
   */
  async *accounts(options: AccountsOptions = {}): AsyncGenerator<ListedAccount, void> {
    const limit = pageSizeOf(options);
    for (let after = options.after === undefined ? undefined : toAccount(options.after); ; ) {
      const request = readRequest('accounts', {}, { limit, after }, readAccounts);
      const { accounts, next } = await this.#dispatcher.send(request, options);
      yield* accounts;
      if (next === undefined) {
        return;
      }
      after = next;
    }
  }

  /**
   * Cancels a key, so that no call with it can be executed any more. If its call was answered before, returns that answer instead. Either
   * way the outcome is final, and cancelling again returns the same. A transfer or refund under way cannot be cancelled: the bank completes
   * it, then returns how it ended.
   *
   * Throws {@link RefusedError} with `key_in_future` (nothing was cancelled), `not_authorized` or, in a recovered bank, `key_expired` (no
   * call with the key can be executed, and what the lost bank did with it is not known). Throws {@link UnavailableError} if certainly
   * nothing was cancelled, {@link OutcomeUnknownError} if the key may have been cancelled (cancel again), or
   * {@link InvalidArgumentError}. Cancelling moves no money.
   *
   * @example
   * ```ts
   * const { outcome } = await bank.cancel('joe', order.key);
   * if (outcome === 'executed') await refund(order);
   * ```
   */
  async cancel(account: string, key: string, options: CallOptions = {}): Promise<KeyOutcome> {
    const subject = { account: toAccount(account), key: toKey(key) };
    return await this.#dispatcher.send(cancelRequest(subject), options, subject.key);
  }

  /**
   * Returns what the call with a key was answered, and changes nothing. Every Region knows it, however old the key is. `none` is not
   * final: a call with the key may still be in flight, and may be executed later. To prevent that, cancel the key. `pending` means that a
   * transfer or refund is under way: the bank completes it by itself. To wait for its end, retry the call or cancel the key.
   *
   * Throws {@link UnavailableError} if no Region answered in time: that says nothing about the call with this key. Throws
   * {@link RefusedError} with `not_authorized`, or {@link InvalidArgumentError}.
   *
   * @example
   * ```ts
   * const answer = await bank.outcome('joe', order.key);
   * if (answer.outcome === 'executed') await ship(order, answer.balance);
   * ```
   */
  async outcome(account: string, key: string, options: CallOptions = {}): Promise<OutcomeSoFar> {
    const subject = { account: toAccount(account), key: toKey(key) };
    return await this.#dispatcher.send(outcomeRequest(subject), options);
  }

  /**
   * Mints a key, to be stored with the order before the call is made. It does what {@link mintKey} does, but uses the time of the bank,
   * which the client knows from the last answer. So if a key is refused with `key_in_future`, which moved nothing, mint another one here.
   * Throws nothing, and sends nothing.
   *
   * @example
   * ```ts
   * const key = bank.mintKey();
   * await orders.save({ ...order, key });
   * await bank.withdraw(order.account, order.priceMinor, { key });
   * ```
   */
  mintKey(): string {
    return this.#dispatcher.mintKey();
  }

  /**
   * Removes the reply to a key from the cache of the bank, if you will not need it again. That saves storage and changes nothing else: the
   * entry stays in the book of the account, and still answers a retry. It is safe at any time.
   *
   * Throws {@link UnavailableError} if no Region answered in time: you may try again. Throws {@link RefusedError} with
   * `not_authorized`, or {@link InvalidArgumentError}. It moves no money.
   *
   * @example
   * ```ts
   * for (const order of await orders.shippedBefore(yesterday)) await bank.acknowledge('joe', order.key);
   * ```
   */
  async acknowledge(account: string, key: string, options: CallOptions = {}): Promise<void> {
    await this.#dispatcher.send(
      acknowledgeRequest({ account: toAccount(account), key: toKey(key) }),
      options,
    );
  }

  /**
   * Closes the client: calls that are under way end as if they had been aborted, and work in the background stops. It is safe to call
   * twice. Throws nothing, and waits for nothing.
   *
   * @example
   * ```ts
   * addEventListener('pagehide', () => void bank.close());
   * ```
   */
  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  /**
   * Closes the client: `await using` calls it.
   *
   * @example
   * ```ts
   * await using bank = new BankClient({ endpoints });
   * ```
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function pageSizeOf({ pageSize }: { readonly pageSize?: number }): number {
  return count('pageSize', pageSize ?? MAX_LIMIT, MAX_LIMIT);
}
