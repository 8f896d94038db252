import { randomUUID } from 'node:crypto';
import {
  DeleteTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Paint } from '../../client/command/terminal.ts';
import { TRANSFER_DUE_MS } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { createClient } from '../../functions/dynamodb/client.ts';
import { Connection } from '../../functions/dynamodb/connection.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { createTables } from '../../infra/local/tables.ts';
import type { TableNames } from '../../infra/names.ts';
import { beforeAppend } from '../support/before-append.ts';
import { plainBank } from '../support/plain-bank.ts';
import { ACCOUNT, FunctionDiedError, PAYEE, type Region } from './caller.ts';

/** Where banks are put up. */
export interface Ground {
  readonly endpoint: string;
  readonly say: (line: string) => void;
  /** Default: no colour. */
  readonly paint?: Paint;
}

/** A store with one of its guards taken away. The bank itself has no such switch: these are wrapped around its store. */
export type Weaken = (store: Store) => Store;

/** What a bank is made of: its store as it is, or with a guard taken away. */
export interface Form {
  readonly weaken: Weaken;
  /**
   * False: both Regions read one table, as they do where tables are strongly consistent across Regions. True: each has a
   * table of its own, and {@link Stage.replicate} carries the account from one to the other.
   */
  readonly replicated: boolean;
  /** False: callers move money to another account by a withdrawal and a deposit. */
  readonly hasTransfers: boolean;
}

/** The bank as it is. */
export const AS_IT_IS: Form = { weaken: (store) => store, replicated: false, hasTransfers: true };

/** Longest that one step may take, in milliseconds. */
const STEP_TIMEOUT_MS = 10_000;

/** A bank in two Regions, on the real store. */
export class Stage implements AsyncDisposable {
  readonly regions: readonly [Region, Region];
  /** A function of the first Region that dies when it has the money of a transfer, and before it credits the payee. */
  readonly dying: Region;
  readonly hasTransfers: boolean;
  readonly #client: DynamoDBClient;
  readonly #say: Ground['say'];
  readonly #tables: readonly [TableNames, TableNames];
  /** The replica that was written last. */
  #latest = 0;

  private constructor(
    client: DynamoDBClient,
    say: Ground['say'],
    tables: readonly [TableNames, TableNames],
    { weaken, hasTransfers }: Form,
  ) {
    this.#client = client;
    this.#say = say;
    this.#tables = tables;
    const storeIn = (replica: 0 | 1) => this.#watched(weaken(this.#storeOn(tables[replica])), replica);
    this.regions = [
      { name: 'us-east-1', bank: plainBank(storeIn(0), Date.now) },
      { name: 'us-east-2', bank: plainBank(storeIn(1), Date.now) },
    ];
    const dying = beforeAppend(storeIn(0), ({ account }) => {
      if (account === PAYEE) {
        throw new FunctionDiedError();
      }
    });
    this.dying = { name: 'us-east-1', bank: plainBank(dying, Date.now) };
    this.hasTransfers = hasTransfers;
  }

  static async open({ endpoint, say }: Ground, form: Form): Promise<Stage> {
    const create = () => createTables({ endpoint, prefix: `tutorial-${randomUUID()}` });
    const first = await create();
    const second = form.replicated ? await create() : first;
    return new Stage(createClient({ region: 'us-east-1', endpoint }), say, [first, second], form);
  }

  /** The client has the reply, and says so. */
  async acknowledge(key: string): Promise<void> {
    const [{ bank }] = this.regions;
    await bank.acknowledge({ account: ACCOUNT, key }, AbortSignal.timeout(STEP_TIMEOUT_MS));
    this.#say('  (the client has the reply, and gives it back)');
  }

  /**
   * Eventual consistency, played: the item that was written later takes the place of the other one. With one table for
   * both Regions there is nothing to do.
   */
  async replicate(): Promise<void> {
    const [from, to] = this.#latest === 0 ? this.#tables : [this.#tables[1], this.#tables[0]];
    if (from === to) {
      return;
    }
    const Key = { account: { S: ACCOUNT } };
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: from.accounts, Key, ConsistentRead: true }),
    );
    await this.#client.send(new PutItemCommand({ TableName: to.accounts, Item }));
    this.#say('  (replication catches up: the last writer wins)');
  }

  /** Does what the schedule of the second Region does, at a time when every transfer that was left is due. */
  async sweep(): Promise<void> {
    const nowMs = () => Date.now() + TRANSFER_DUE_MS;
    const parts = { store: this.#storeOn(this.#tables[1]), nowMs, keysNotBeforeMs: 0 };
    const { transfers } = await sweep(parts, AbortSignal.timeout(STEP_TIMEOUT_MS), (_, error) => {
      throw error;
    });
    this.#say(`  (the sweep looks for transfers that were left, and completes ${transfers})`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const names = new Set(this.#tables.flatMap((tables) => Object.values(tables)));
    for (const TableName of names) {
      await this.#client.send(new DeleteTableCommand({ TableName }));
    }
    this.#client.destroy();
  }

  #storeOn(tables: TableNames): Store {
    return createStore(new Connection(this.#client), tables, Date.now);
  }

  #watched(store: Store, replica: 0 | 1): Store {
    return {
      ...store,
      append: async (append, signal) => {
        const result = await store.append(append, signal);
        if (result.written) {
          this.#latest = replica;
        }
        return result;
      },
    };
  }
}
