import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Bank, createBank } from '../../functions/core/bank.ts';
import type { Store } from '../../functions/core/store.ts';
import { tidy } from '../../functions/core/sweep.ts';
import { createClient } from '../../functions/store/client.ts';
import { createDynamoDbStore } from '../../functions/store/dynamodb.ts';
import { createTables } from '../../infra/local/tables.ts';
import type { TableNames } from '../../infra/names.ts';
import { ACCOUNT, type Region } from './caller.ts';
import type { Weaken } from './weakened.ts';

/** Where banks are put up. */
export interface Ground {
  readonly endpoint: string;
  readonly say: (line: string) => void;
}

/** What a bank is made of: its store as it is, or with a guard taken away. */
export interface Form {
  readonly weaken: Weaken;
  /**
   * False: both Regions read one table, as they do where tables are strongly consistent across Regions. True: each has a
   * table of its own, and {@link Stage.replicate} carries the account from one to the other.
   */
  readonly replicated: boolean;
}

/** The bank as it is. */
export const AS_IT_IS: Form = { weaken: (store) => store, replicated: false };

/** Longest that one step may take, in milliseconds. */
const STEP_TIMEOUT_MS = 10_000;

/** A bank in two Regions, on the real store, with a clock that can be put forward. */
export class Stage implements AsyncDisposable {
  readonly regions: readonly [Region, Region];
  readonly #client: DynamoDBClient;
  readonly #say: Ground['say'];
  readonly #stores: readonly [Store, Store];
  readonly #tables: readonly [TableNames, TableNames];
  /** The replica that was written last. */
  #latest = 0;
  #clockAheadMs = 0;

  private constructor(
    client: DynamoDBClient,
    say: Ground['say'],
    tables: readonly [TableNames, TableNames],
    weaken: Weaken,
  ) {
    this.#client = client;
    this.#say = say;
    this.#tables = tables;
    const storeIn = (replica: 0 | 1) => this.#watched(weaken(this.#storeOn(tables[replica])), replica);
    this.#stores = [storeIn(0), storeIn(1)];
    const bankIn = (replica: 0 | 1): Bank => createBank(this.#stores[replica], this.nowMs);
    this.regions = [
      { name: 'us-east-1', bank: bankIn(0) },
      { name: 'us-east-2', bank: bankIn(1) },
    ];
  }

  static async open({ endpoint, say }: Ground, { weaken, replicated }: Form): Promise<Stage> {
    const create = () => createTables({ endpoint, prefix: `tutorial-${randomUUID()}` });
    const first = await create();
    const second = replicated ? await create() : first;
    return new Stage(createClient({ region: 'us-east-1', endpoint }), say, [first, second], weaken);
  }

  readonly nowMs = (): number => Date.now() + this.#clockAheadMs;

  /** Puts the clock forward, and lets the sweep come by. */
  async sweepAfterMinutes(minutes: number): Promise<void> {
    this.#clockAheadMs += minutes * 60_000;
    const [store] = this.#stores;
    const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
    const account = await store.read(ACCOUNT, signal);
    if (account !== undefined) await tidy(ACCOUNT, account, { store, nowMs: this.nowMs, signal });
    this.#say(`  (${minutes} minutes pass, and old replies leave the account)`);
  }

  /** Takes a reply out of the archive, which nothing about money may depend on. */
  async loseArchived(key: string): Promise<void> {
    await this.#client.send(
      new DeleteItemCommand({
        TableName: this.#tables[0].idempotency,
        Key: { account: { S: ACCOUNT }, key: { S: key } },
      }),
    );
    this.#say('  (whatever the archive had is lost)');
  }

  /**
   * Eventual consistency, played: the item that was written later takes the place of the other one. With one table for
   * both Regions there is nothing to do.
   */
  async replicate(): Promise<void> {
    const [from, to] = this.#latest === 0 ? this.#tables : [this.#tables[1], this.#tables[0]];
    if (from === to) return;
    const Key = { account: { S: ACCOUNT } };
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: from.accounts, Key, ConsistentRead: true }),
    );
    await this.#client.send(new PutItemCommand({ TableName: to.accounts, Item }));
    this.#say('  (replication catches up: the last writer wins)');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const names = new Set(this.#tables.flatMap(({ accounts, idempotency }) => [accounts, idempotency]));
    for (const TableName of names) await this.#client.send(new DeleteTableCommand({ TableName }));
    this.#client.destroy();
  }

  #storeOn(tables: TableNames): Store {
    return createDynamoDbStore(this.#client, tables, this.nowMs, () => true);
  }

  #watched(store: Store, replica: 0 | 1): Store {
    return {
      ...store,
      write: async (change, signal) => {
        const result = await store.write(change, signal);
        if (result.written) this.#latest = replica;
        return result;
      },
    };
  }
}
