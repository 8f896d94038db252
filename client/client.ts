// A page has no types of Node's, which would bring `AsyncDisposable`: what is compiled has to say where it comes from.
/// <reference lib="esnext.disposable" preserve="true" />
import { toAccount, toKey } from './amount.ts';
import {
  type Balance,
  type CallOptions,
  type KeyOutcome,
  type Moved,
  type MoveOptions,
  type OutcomeSoFar,
  writable,
} from './answers.ts';
import { Caller } from './caller.ts';
import { RefusedError } from './errors.ts';
import { type BankClientOptions, resolveOptions } from './options.ts';
import { acknowledgeRequest, balanceRequest, outcomeRequest } from './requests.ts';

/**
 * A client of a bank that lives in two Regions. It goes on as if nothing had happened when one of them fails. Make one and
 * share it: it remembers which Region works, and calls may run side by side. Close it at the end.
 *
 * Accounts are 1 to 128 letters, digits and `. _ : @ -`, and start with a letter or digit. Amounts are whole minor units
 * from 1 to 999999999999999: `bigint`, or `number` where it is a safe integer. Times are milliseconds.
 *
 * A call that fails throws one of four errors, and each says what became of the money: see {@link BankError}. A call whose
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
  readonly #caller: Caller;

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
    this.#caller = new Caller(resolveOptions(options));
  }

  /**
   * Puts an amount of minor units into an account; the first deposit opens it. It takes effect once or not at all, however
   * often it is attempted, and again with the same key it is given the same answer.
   *
   * The key is a new one unless `options.key` gives it; the whole call takes at most `callTimeoutMs`, 10 seconds by default.
   *
   * Throws {@link RefusedError}: this call moved nothing and cannot any more. `balance_too_large`: the sum has more than 15
   * digits. `cancelled`, `key_reused`, `key_expired`, `key_in_future`: the key given cannot be used for it.
   * `too_many_unacknowledged`: the account remembers 1,000 replies of the last 15 minutes; try again later.
   * `not_authorized`: the gateway does not let you. Throws {@link UnavailableError}: certainly not executed.
   * {@link OutcomeUnknownError}: it may have been executed, or may yet be; call again with `error.key`.
   * {@link InvalidArgumentError}: nothing was sent.
   *
   * @example
   * ```ts
   * const { balance } = await bank.deposit('joe', 1250n, { key: order.key }); // 12.50, if a minor unit is a cent
   * ```
   */
  async deposit(account: string, amount: bigint | number, options: MoveOptions = {}): Promise<Moved> {
    return writable(await this.#caller.move('deposit', account, amount, options));
  }

  /**
   * Takes an amount of minor units out of an account, never more than is in it.
   *
   * Throws as {@link BankClient.deposit} does, and {@link RefusedError} with `not_enough_money` or `no_such_account` when
   * there is less in it, or nothing ever was: nothing was taken. That answer is recorded under the key; to try again
   * when there is money, use a new one.
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
    return writable(await this.#caller.move('withdraw', account, amount, options));
  }

  /**
   * Asks for a balance: a strongly consistent read, so it holds everything that was answered before it was asked.
   *
   * Throws {@link RefusedError} with `no_such_account` when nobody has deposited yet, {@link UnavailableError} when no
   * Region answered in time, or {@link InvalidArgumentError}. It moves no money, whatever it throws.
   *
   * @example
   * ```ts
   * const { balance } = await bank.balance('joe', { timeoutMs: 2000 });
   * ```
   */
  async balance(account: string, options: CallOptions = {}): Promise<Balance> {
    return writable(await this.#caller.read(balanceRequest(toAccount(account)), options));
  }

  /**
   * Makes sure that a key never executes, or tells what has come of it: either way the matter is closed. Cancelling again
   * says the same again.
   *
   * Throws {@link RefusedError} with `key_expired` (it never executes, and what it did in the past is forgotten) or
   * `key_in_future` (nothing was cancelled), {@link UnavailableError} when certainly nothing was cancelled,
   * {@link OutcomeUnknownError} when it may have been (cancel again) or {@link InvalidArgumentError}. Cancelling moves no money.
   *
   * @example
   * ```ts
   * const { outcome } = await bank.cancel('joe', order.key);
   * if (outcome === 'executed') await refund(order);
   * ```
   */
  async cancel(account: string, key: string, options: CallOptions = {}): Promise<KeyOutcome> {
    return writable(await this.#caller.cancel({ account: toAccount(account), key: toKey(key) }, options));
  }

  /**
   * Tells what has come of a key, and changes nothing. `none` is not the last word: a call with the key that is still on
   * its way may be executed yet. To make sure of the opposite, cancel the key. One Region is enough to
   * tell, unless the key is so old that its reply may be in the archive of the other.
   *
   * Throws {@link RefusedError} with `key_expired` when every Region has forgotten what the key came to: it never executes
   * any more, and your own books must tell what it did. Throws {@link UnavailableError} when no Region answered in time, or one
   * has forgotten and another, whose archive may know, cannot be asked: that says nothing about the call with this key. Throws
   * {@link RefusedError} with `not_authorized`, or {@link InvalidArgumentError}.
   *
   * @example
   * ```ts
   * const told = await bank.outcome('joe', order.key);
   * if (told.outcome === 'executed') await ship(order, told.balance);
   * ```
   */
  async outcome(account: string, key: string, options: CallOptions = {}): Promise<OutcomeSoFar> {
    const subject = { account: toAccount(account), key: toKey(key) };
    try {
      return writable(await this.#caller.read(outcomeRequest(subject), options));
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'no_reply') {
        return { outcome: 'none', ...subject };
      }
      throw error;
    }
  }

  /**
   * Mints a key, to be stored next to the order before the call is made: as {@link mintKey} does, but by the time of the bank
   * once this client knows that the clock of its machine is wrong. It learns that when the bank refuses a key for its time
   * (`key_in_future`, `key_expired`), or the gateway a signature, and from no other answer. So when a key of yours is refused with
   * `key_in_future`, which moved nothing, mint another one here. Throws nothing, and sends nothing.
   *
   * @example
   * ```ts
   * const key = bank.mintKey();
   * await orders.save({ ...order, key });
   * await bank.withdraw(order.account, order.priceMinor, { key });
   * ```
   */
  mintKey(): string {
    return this.#caller.mintKey();
  }

  /**
   * Gives a reply back that you hold, so that the bank can forget it. After that the key must not be used again: a call
   * with it would be a new one. The client does this by itself for keys that it minted; for yours, only you know when
   * nobody will retry any more.
   *
   * Leave a day between the last attempt and this, or leave it to the archive: an attempt that went unanswered, yours or
   * one inside of the bank, may arrive late, and then nothing is there any more that keeps it from being executed.
   *
   * Throws {@link UnavailableError} when no Region answered in time: the bank may have forgotten the reply or not, and giving
   * it back again does no harm. Throws {@link RefusedError} with `not_authorized`, or {@link InvalidArgumentError}. It moves
   * no money.
   *
   * @example
   * ```ts
   * for (const order of await orders.settledBefore(yesterday)) await bank.acknowledge('joe', order.key);
   * ```
   */
  async acknowledge(account: string, key: string, options: CallOptions = {}): Promise<void> {
    await this.#caller.read(acknowledgeRequest({ account: toAccount(account), key: toKey(key) }), options);
  }

  /**
   * Ends calls that are under way as if they had been aborted, gives back the replies that the client still holds, and
   * ends what runs in the background. Waits for a bank that does not answer no longer than one attempt timeout. Safe to
   * call twice. Throws nothing: a reply that could not be given back is archived by the bank.
   *
   * @example
   * ```ts
   * addEventListener('pagehide', () => void bank.close());
   * ```
   */
  async close(): Promise<void> {
    await this.#caller.close();
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
