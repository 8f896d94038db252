import { ConditionalCheckFailedException, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Item, sameItem } from './item.ts';

/** What became of an item that was to be written. */
export type Written = 'written' | 'there_already' | 'in_the_way';

/** Most items that DynamoDB takes in one batch. */
const WRITE_BATCH = 25;
const READ_BATCH = 100;

/** Times that a batch is sent; each but the first holds only what DynamoDB did not get to. */
const MAX_BATCHES = 8;

/** A table of the fresh bank. */
export class TargetTable {
  readonly #client: DynamoDBDocumentClient;
  readonly #keys: readonly string[];
  readonly tableName: string;

  constructor(client: DynamoDBDocumentClient, tableName: string, keys: readonly string[]) {
    this.#client = client;
    this.tableName = tableName;
    this.#keys = keys;
  }

  /** What DynamoDB promises of the table: `STRONG` for one that a bank can trust. Undefined for an ordinary table. */
  async consistency(): Promise<string | undefined> {
    const { Table } = await this.#client.send(new DescribeTableCommand({ TableName: this.tableName }));
    return Table?.MultiRegionConsistency;
  }

  /** Puts an item where there is none. One that is there already is compared and never overwritten. */
  async put(item: Item): Promise<Written> {
    try {
      await this.#client.send(
        new PutCommand({
          TableName: this.tableName,
          Item: { ...item },
          ConditionExpression: 'attribute_not_exists(#key)',
          ExpressionAttributeNames: { '#key': this.#keys[0] ?? '' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return 'written';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        throw error;
      }
      const there = unmarshall(error.Item ?? {}, { wrapNumbers: BigInt });
      return sameItem(there, item) ? 'there_already' : 'in_the_way';
    }
  }

  /** Puts items that are the same whenever they are written, so that writing them again does no harm. */
  async putAll(items: readonly Item[]): Promise<void> {
    for (let start = 0; start < items.length; start += WRITE_BATCH) {
      let left = items
        .slice(start, start + WRITE_BATCH)
        .map((item) => ({ PutRequest: { Item: { ...item } as Record<string, unknown> } }));
      for (let batches = 0; left.length > 0; batches += 1) {
        if (batches === MAX_BATCHES) {
          throw new Error(
            `${left.length} items of ${this.tableName} could not be written; run it again to go on`,
          );
        }
        const { UnprocessedItems = {} } = await this.#client.send(
          new BatchWriteCommand({ RequestItems: { [this.tableName]: left } }),
        );
        left = (UnprocessedItems[this.tableName] ?? []) as typeof left;
      }
    }
  }

  /** Reads the items that have the keys of these, strongly consistent, in the same order; undefined where there is none. */
  async find(items: readonly Item[]): Promise<readonly (Item | undefined)[]> {
    const found = new Map<string, Item>();
    for (let start = 0; start < items.length; start += READ_BATCH) {
      let left = items.slice(start, start + READ_BATCH).map((item) => this.#keyOf(item));
      for (let batches = 0; left.length > 0; batches += 1) {
        if (batches === MAX_BATCHES) {
          throw new Error(
            `${left.length} items of ${this.tableName} could not be read; run it again to go on`,
          );
        }
        const { Responses = {}, UnprocessedKeys = {} } = await this.#client.send(
          new BatchGetCommand({ RequestItems: { [this.tableName]: { Keys: left, ConsistentRead: true } } }),
        );
        for (const item of Responses[this.tableName] ?? []) {
          found.set(this.#nameOf(item), item);
        }
        left = (UnprocessedKeys[this.tableName]?.Keys ?? []) as typeof left;
      }
    }
    return items.map((item) => found.get(this.#nameOf(item)));
  }

  /** How many items there are, counted one by one: what DynamoDB says of itself is hours old. */
  async count(): Promise<number> {
    let count = 0;
    let from: Record<string, unknown> | undefined;
    do {
      const { Count = 0, LastEvaluatedKey } = await this.#client.send(
        new ScanCommand({
          TableName: this.tableName,
          Select: 'COUNT',
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      count += Count;
      from = LastEvaluatedKey;
    } while (from !== undefined);
    return count;
  }

  #keyOf(item: Item): Record<string, unknown> {
    return Object.fromEntries(this.#keys.map((key) => [key, item[key]]));
  }

  #nameOf(item: Item): string {
    return JSON.stringify(this.#keys.map((key) => item[key]));
  }
}
