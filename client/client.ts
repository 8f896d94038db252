// A page has no types of Node's, which would bring `AsyncDisposable`: what is compiled has to say where it comes from.
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
 * A client of a bank that lives in two Regions. It goes on as if nothing had happened when one of them fails. Make one and
 * share it: it remembers which Region works, and calls may run side by side. Close it at the end.
 *
 * Accounts are 1 to 128 letters, digits and `. _ : @ -`, and start with a letter or digit. Amounts are whole minor units
 * from 1 to 999999999999999: `bigint`, or `number` where it is a safe integer. Times are milliseconds.
 *
 * A call that fails throws one of four errors, and each says what happened to the money: see {@link BankError}. A call whose
 * `signal` is aborted before it has begun throws the signal's reason, and one on a closed client an `AbortError`: nothing was
 * sent then.
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
   * Puts an amount of minor units into an account; the first deposit opens it, unless `options.mustExist`. It takes effect once
   * or not at all, however often it is attempted, and again with the same key it is given the same answer.
   *
   * The key is a new one unless `options.key` gives it; the whole call takes at most `callTimeoutMs`, 10 seconds by default.
   *
   * Throws {@link RefusedError}: this call moved nothing and cannot any more. `balance_too_large`: the sum has more than 15
   * digits. `no_such_account`: the account had to exist. `account_frozen`: its credits are frozen. `cancelled`, `key_reused`,
   * `key_expired`, `key_in_future`: the key given cannot be used for it. `not_authorized`: the gateway does not let you. Throws
   * {@link UnavailableError}: certainly not executed. {@link OutcomeUnknownError}: it may have been executed, or may yet be; call
   * again with `error.key`. {@link InvalidArgumentError}: nothing was sent.
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
   * Takes an amount of minor units out of an account, never more than is in it.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `not_enough_money`, `no_such_account` or
   * `account_frozen` when there is less in it, nothing ever was, or its debits are frozen: nothing was taken. That answer is
   * recorded under the key; to try again when there is money, use a new one.
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
   * Moves an amount of minor units from one account to another, never more than is in it. The key belongs to the account that pays.
   * The bank answers when the other account has the money. It completes each transfer that has begun, even if no caller retries it; until
   * then the money is held on the account that pays.
   *
   * Throws as {@link BankClient.withdraw} does, and {@link RefusedError} with `no_such_destination` when `to` never had a
   * deposit, `destination_frozen` when its credits are frozen, or `balance_too_large` when it would have more than 15 digits: nothing was
   * moved. {@link InvalidArgumentError} also when `from` and `to` are the same.
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
   * Holds an amount of minor units: it is no longer in the balance, and no other call can take it, until the hold is captured or
   * voided, or expires. The key of the call is the name of the hold: keep it.
   *
   * Throws as {@link BankClient.withdraw} does, and {@link RefusedError} with `too_many_open` when the account has 100 open holds.
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
   * Captures a hold: takes all that remains of it out of the bank, or `options.amount`, or transfers it to `options.to`. The rest is
   * released, unless `options.final` is false. It has a key of its own, and again with the same key it is given the same answer,
   * also after the hold has changed.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `no_such_hold`, `hold_exceeded` (less remains of it),
   * `hold_captured`, `hold_voided`, `hold_expired` or `account_frozen`: nothing was moved. With `options.to` also
   * as {@link BankClient.transfer} does: after `no_such_destination`, `destination_frozen` or `balance_too_large` the captured money
   * is in the balance again, and no longer held.
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
   * Gives back what a call moved, or `options.amount` of it: of a withdrawal, or of a capture that took money out of the bank, into the
   * balance; of a transfer that the account received, to the account that paid. `call` is the key of its entry in the statement of
   * `account`. A call can be refunded in parts, together never more than it moved.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `no_such_call`, `not_refundable`, `refund_exceeded`,
   * `account_frozen`, or of a transfer also `not_enough_money` or `destination_frozen`: nothing was moved.
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
   * Freezes or opens an account, for debits, for credits or for both. While debits are frozen, withdrawals, transfers, holds and captures
   * are refused with `account_frozen`; while credits are, deposits are, and transfers to the account come back to their payers. Holds can
   * be voided and expire all the same, and transfers that have begun end. It needs a permission of its own.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `no_such_account` when it never had a deposit.
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
   * Lists the open holds of an account, in the order of their keys: a strongly consistent read. Those that have expired are not in it.
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
   * Asks for a balance, at present or at a moment in the past: a strongly consistent read, so it holds everything that was
   * answered before it was asked. `balance` does not include what is held.
   *
   * Throws {@link RefusedError} with `no_such_account` when the account never had a deposit, or `bad_request` for a moment in the future by
   * the bank's clock, {@link UnavailableError} when no
   * Region answered in time, or {@link InvalidArgumentError}. It moves no money.
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
   * Iterates over an account's statement: every entry since the account was opened, newest first, or oldest first from
   * `options.after`. Complete at every moment: it has every call that was answered before it was asked. It reads
   * `pageSize` entries at a time, each time as it is asked for more.
   *
   * Throws {@link RefusedError} with `no_such_account` when no call of the account was ever answered, or `not_authorized`;
   * {@link UnavailableError} when no Region answered in time, or {@link InvalidArgumentError}. It moves no money.
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
   * Iterates over the accounts of the bank and their balances, in the order of its table: a list for operators, eventually
   * consistent, so it may lack what happened in the last seconds. Accounts without a deposit are not in it.
   *
   * Throws {@link RefusedError} with `not_authorized`, {@link UnavailableError} when no Region answered in time, or
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
   * Makes sure that a key never executes, or returns what its call was answered: either way its outcome is final. A transfer that is
   * under way cannot be cancelled any more: the bank completes it, then returns how it ended. Cancelling again returns the same.
   *
   * Throws {@link RefusedError} with `key_in_future` (nothing was cancelled) or, in a bank that was restored, with `key_expired` (it
   * never executes, and what the lost bank did with it is not known), {@link UnavailableError} when certainly nothing
   * was cancelled, {@link OutcomeUnknownError} when it may have been (cancel again) or {@link InvalidArgumentError}. Cancelling
   * moves no money.
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
   * Returns what the call with a key was answered, and changes nothing. `none` is not final: a call with the key that is
   * still on its way may be executed yet. To make sure of the opposite, cancel the key. `pending`: a transfer or refund is under way. The
   * bank completes it by itself; a retry of the call, or a cancellation, waits for its end. Each Region knows the outcome, however old the
   * key is.
   *
   * Throws {@link UnavailableError} when no Region answered in time: that says nothing about the call with this key. Throws
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
   * Mints a key, to be stored next to the order before the call is made: as {@link mintKey} does, but by the time of the bank, as
   * the last answer to this client gave it. So when a key of yours is refused with `key_in_future`, which moved nothing, mint
   * another one here. Throws nothing, and sends nothing.
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
   * Removes the reply to a key from the bank's cache, when it will not be needed again. That saves storage and changes
   * nothing else: the entry stays in the account's book, guards the key, and answers a retry. Safe at any time.
   *
   * Throws {@link UnavailableError} when no Region answered in time; once more does no harm. Throws {@link RefusedError} with
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
   * Ends calls that are under way as if they had been aborted, and what runs in the background. Safe to call twice. Throws
   * nothing, and waits for nothing.
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
