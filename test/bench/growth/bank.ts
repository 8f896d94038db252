import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type Bank, createBank } from '../../../functions/core/bank.ts';
import { WRITES_PER_INSPECTION } from '../../../functions/core/limits.ts';
import { fromAttributes } from '../../../functions/store/attributes.ts';
import { createClient, DEFAULT_CLIENT_LIMITS } from '../../../functions/store/client.ts';
import { createDynamoDbStore } from '../../../functions/store/dynamodb.ts';
import { decodeAccount } from '../../../functions/store/item.ts';
import type { TableNames } from '../../../infra/names.ts';
import { itemBytes } from '../../support/item-size.ts';
import { newKey } from '../../support/keys.ts';
import { Meter } from '../meter.ts';
import { GrowthError } from './errors.ts';
import { MAX_CALLERS } from './plan.ts';

/** DynamoDB Local takes longer over large items than DynamoDB would, and an attempt sent again would be counted as work. */
const PATIENCE_MS = 30_000;

const AMOUNT_MINOR = 10n;

/** Banks, one for each pair of tables, whose work is measured together. */
export class MeasuredBanks implements Disposable {
  readonly meter: Meter;
  readonly #client: DynamoDBClient;
  /** Looks at items without being measured. */
  readonly #looking: DynamoDBClient;
  #writes = 0;

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
    this.#looking = new DynamoDBClient({ region: 'us-east-1', endpoint });
  }

  on(tables: TableNames): MeasuredBank {
    const store = createDynamoDbStore(this.#client, tables, Date.now, () => this.#inspects());
    return new MeasuredBank(createBank(store, Date.now), tables, this.#looking);
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
    this.#looking.destroy();
  }

  /** As often as in the function, where chance decides; by count here, so that each slice of calls has as many of them. */
  #inspects(): boolean {
    this.#writes += 1;
    return this.#writes % WRITES_PER_INSPECTION === 0;
  }
}

/** What lies in the table under an account. */
export interface Look {
  readonly bytes: number;
  readonly remembered: number;
}

/** The bank's core and store in this process, told what to give back. */
export class MeasuredBank {
  readonly #bank: Bank;
  readonly #tables: TableNames;
  readonly #looking: DynamoDBClient;

  constructor(bank: Bank, tables: TableNames, looking: DynamoDBClient) {
    this.#bank = bank;
    this.#tables = tables;
    this.#looking = looking;
  }

  /** Deposits, giving back replies, and returns the key. Throws {@link GrowthError} when the call is not executed. */
  async deposit(account: string, giveBack: readonly string[]): Promise<string> {
    const key = newKey();
    const call = { account, key, move: 'deposit', amountMinor: AMOUNT_MINOR } as const;
    const { answer, failure } = await this.#bank.move(call, giveBack, AbortSignal.timeout(PATIENCE_MS));
    if (failure !== undefined) throw failure;
    if (
      answer.kind !== 'replied' ||
      answer.recorded.kind !== 'call' ||
      answer.recorded.reply.kind !== 'executed'
    ) {
      throw new GrowthError('not_executed', `the bank did not execute a deposit to ${account}`);
    }
    return key;
  }

  giveBack(account: string, keys: readonly string[]): Promise<void> {
    return this.#bank.acknowledge(account, keys, AbortSignal.timeout(PATIENCE_MS));
  }

  async look(account: string): Promise<Look> {
    const { Item = {} } = await this.#looking.send(
      new GetItemCommand({
        TableName: this.#tables.accounts,
        Key: { account: { S: account } },
        ConsistentRead: true,
      }),
    );
    const item = fromAttributes(Item);
    return { bytes: itemBytes(item), remembered: decodeAccount(item).recorded.size };
  }
}
