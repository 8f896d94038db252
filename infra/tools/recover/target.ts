import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type { Attributes } from '../../../functions/dynamodb/attributes.ts';
import { ATTRIBUTES } from '../../../functions/dynamodb/items.ts';
import { RECOVERY_NOTE } from '../../recovery-note.ts';
import { textOf } from '../books/books.ts';
import { describeTable } from '../books/table-books.ts';

/** A table of the fresh bank. */
export class TargetTable {
  readonly #client: DynamoDBClient;
  readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.tableName = tableName;
  }

  /** True when DynamoDB promises what a bank needs: strong consistency across Regions. */
  async isStrong(): Promise<boolean> {
    const table = await describeTable(this.#client, this.tableName);
    return table?.MultiRegionConsistency === 'STRONG';
  }

  /** True if there is nothing but the note of a recovery. */
  async isEmpty(): Promise<boolean> {
    const { Items = [] } = await this.#client.send(
      new ScanCommand({ TableName: this.tableName, Limit: 2, ConsistentRead: true }),
    );
    return Items.every((item) => item[ATTRIBUTES.account]?.S === RECOVERY_NOTE.account);
  }

  /** Puts an item where there is none, and never overwrites one. False when another one is in its place. */
  async put(item: Attributes): Promise<boolean> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.tableName,
          Item: item,
          ConditionExpression: 'attribute_not_exists(#account)',
          ExpressionAttributeNames: { '#account': ATTRIBUTES.account },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        throw error;
      }
      return textOf(error.Item) === textOf(item);
    }
  }

  /** How many items there are, counted one by one: what DynamoDB says of itself is hours old. */
  async count(): Promise<number> {
    let count = 0;
    const scan = { TableName: this.tableName, Select: 'COUNT', ConsistentRead: true } as const;
    for await (const { Count = 0 } of paginateScan({ client: this.#client }, scan)) {
      count += Count;
    }
    return count;
  }
}
