import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Bank, createBank } from '../../../functions/bank/bank.ts';
import { createClient, DEFAULT_CLIENT_LIMITS } from '../../../functions/dynamodb/client.ts';
import { createStore } from '../../../functions/dynamodb/store.ts';
import type { TableNames } from '../../../infra/names.ts';
import { newKey } from '../../support/keys.ts';
import { callOf } from '../../support/plain-bank.ts';
import { answered } from '../answered.ts';
import { Meter } from '../meter.ts';
import { GrowthError } from './errors.ts';
import { AMOUNT_MINOR } from './fill.ts';
import { LargestHead } from './heads.ts';
import { MAX_CALLERS } from './plan.ts';

/** DynamoDB Local takes longer over large items than DynamoDB would, and an attempt sent again would be counted as work. */
const PATIENCE_MS = 30_000;

/** Entries of a statement's first page. */
const STATEMENT_ENTRIES = 100;

/** Banks, each on tables of its own, whose work is measured together. */
export class MeasuredBanks implements Disposable {
  readonly meter: Meter;
  readonly heads: LargestHead;
  readonly #turning = new Set<Promise<void>>();
  readonly #client: DynamoDBClient;

  constructor(endpoint: string) {
    this.#client = createClient({
      region: 'us-east-1',
      endpoint,
      limits: {
        ...DEFAULT_CLIENT_LIMITS,
        connectionTimeoutMs: PATIENCE_MS,
        requestTimeoutMs: PATIENCE_MS,
        maxSockets: MAX_CALLERS,
      },
    });
    this.meter = new Meter(this.#client);
    this.heads = new LargestHead(this.#client);
  }

  on(tables: TableNames): MeasuredBank {
    const store = createStore(this.#client, tables, Date.now);
    const bank = createBank({ store, nowMs: Date.now, keysNotBeforeMs: 0 });
    const execute: Bank['execute'] = async (intent, signal) => {
      const executed = await bank.execute(intent, signal);
      if (executed.turning !== undefined) this.#turning.add(executed.turning.done);
      return executed;
    };
    return new MeasuredBank({ ...bank, execute });
  }

  /** Waits for the pages that no answer has waited for: they belong to the calls that made them due. */
  async turned(): Promise<void> {
    await Promise.allSettled(this.#turning);
    this.#turning.clear();
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

/** The bank's core and store in this process. */
export class MeasuredBank {
  readonly #bank: Bank;

  constructor(bank: Bank) {
    this.#bank = bank;
  }

  /** Deposits under a key that nobody has used. Throws {@link GrowthError} when the call is not executed. */
  deposit(account: string, key = newKey()): Promise<void> {
    return this.#deposit(account, key, false);
  }

  /** Makes a deposit again. Throws {@link GrowthError} when it had not been made. */
  retry(account: string, key: string): Promise<void> {
    return this.#deposit(account, key, true);
  }

  /** Reads the first page of a statement. Throws {@link GrowthError} when it is not as long as that. */
  async statement(account: string): Promise<void> {
    const stretch = { before: undefined, limit: STATEMENT_ENTRIES };
    const found = await this.#bank.entries(account, stretch, AbortSignal.timeout(PATIENCE_MS));
    if (found?.lines.length === STATEMENT_ENTRIES) return;
    throw new GrowthError(
      'not_as_grown',
      `the statement of ${account} has ${found?.lines.length ?? 0} entries`,
    );
  }

  async #deposit(account: string, key: string, isRetry: boolean): Promise<void> {
    const call = callOf({ account, key }, 'deposit', AMOUNT_MINOR, { mayReturn: isRetry });
    const answer = await answered(this.#bank.execute(call, AbortSignal.timeout(PATIENCE_MS)));
    if (
      answer.kind !== 'recorded' ||
      answer.line.entry.body.kind !== 'executed' ||
      answer.replayed !== isRetry
    ) {
      throw new GrowthError(
        'not_executed',
        `the bank did not ${isRetry ? 'know' : 'execute'} a deposit to ${account}`,
      );
    }
  }
}
