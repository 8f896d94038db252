import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Account } from '../core/account.ts';
import type { Change } from '../core/decide.ts';
import { StoreUnavailableError, type WriteResult } from '../core/store.ts';
import { expressionsFor, removing } from './expressions.ts';
import { mayStillArrive } from './fate.ts';
import { ATTRIBUTES, decodeAccount } from './item.ts';

/** The accounts table: every write of it is one conditional UpdateItem or DeleteItem. */
export class AccountsTable {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;

  constructor(client: DynamoDBDocumentClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  write(change: Change, signal: AbortSignal): Promise<WriteResult> {
    return this.#update(change.call.account, expressionsFor(change), signal);
  }

  async acknowledge(
    account: string,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<Account | undefined> {
    const removed = removing(keys);
    const result = await this.#update(
      account,
      {
        UpdateExpression: `REMOVE ${Object.keys(removed).join(', ')}`,
        // Without it the update of an account that does not exist would create an empty item.
        ConditionExpression: 'attribute_exists(#account)',
        ExpressionAttributeNames: { '#account': ATTRIBUTES.account, ...removed },
      },
      signal,
    );
    return result.account;
  }

  async markFull(account: string, signal: AbortSignal): Promise<void> {
    await this.#update(
      account,
      {
        UpdateExpression: 'SET #full = :true',
        ConditionExpression: 'attribute_exists(#account)',
        ExpressionAttributeNames: { '#account': ATTRIBUTES.account, '#full': ATTRIBUTES.full },
        ExpressionAttributeValues: { ':true': true },
      },
      signal,
    );
  }

  async dropArchived(account: string, keys: readonly string[], signal: AbortSignal): Promise<void> {
    const removed = removing(keys);
    const highest = keys.toSorted().at(-1) ?? '';
    const names = { '#watermark': ATTRIBUTES.watermark, ...removed };
    const values = { ':highest': highest };
    const remove = `REMOVE ${Object.keys(removed).join(', ')}`;
    const raised = await this.#update(
      account,
      {
        UpdateExpression: `SET #watermark = :highest ${remove}`,
        ConditionExpression:
          'attribute_exists(#account) AND (attribute_not_exists(#watermark) OR #watermark < :highest)',
        ExpressionAttributeNames: { '#account': ATTRIBUTES.account, ...names },
        ExpressionAttributeValues: values,
      },
      signal,
    );
    if (!raised.written && raised.account !== undefined) {
      // Another mover has raised it as far or further. Under that watermark the replies may leave without raising it.
      await this.#update(
        account,
        {
          UpdateExpression: remove,
          ConditionExpression: '#watermark >= :highest',
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
        },
        signal,
      );
    }
  }

  async remove(account: string, seen: Account, abortSignal: AbortSignal): Promise<boolean> {
    try {
      await this.#client.send(
        new DeleteCommand({
          TableName: this.#tableName,
          Key: { [ATTRIBUTES.account]: account },
          ConditionExpression: [
            'attribute_not_exists(#balance)',
            seen.revision === 0n ? 'attribute_not_exists(#revision)' : '#revision = :revision',
            seen.watermark === undefined ? 'attribute_not_exists(#watermark)' : '#watermark = :watermark',
          ].join(' AND '),
          ExpressionAttributeNames: {
            '#balance': ATTRIBUTES.balance,
            '#revision': ATTRIBUTES.revision,
            '#watermark': ATTRIBUTES.watermark,
          },
          ...valuesOrNone({
            ...(seen.revision === 0n ? {} : { ':revision': seen.revision }),
            ...(seen.watermark === undefined ? {} : { ':watermark': seen.watermark }),
          }),
        }),
        { abortSignal },
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return false;
      }
      throw error;
    }
  }

  async read(account: string, abortSignal: AbortSignal): Promise<Account | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({
        TableName: this.#tableName,
        Key: { [ATTRIBUTES.account]: account },
        ConsistentRead: true,
      }),
      { abortSignal },
    );
    return Item === undefined ? undefined : decodeAccount(Item);
  }

  async #update(
    account: string,
    expressions: Partial<UpdateCommandInput>,
    abortSignal: AbortSignal,
  ): Promise<WriteResult> {
    try {
      const output = await this.#client.send(
        new UpdateCommand({
          TableName: this.#tableName,
          Key: { [ATTRIBUTES.account]: account },
          ...expressions,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
        { abortSignal },
      );
      if (output.Attributes === undefined) {
        throw new StoreUnavailableError('unknown', 'DynamoDB answered a write without the item it asked for');
      }
      return {
        written: true,
        account: decodeAccount(output.Attributes),
        mayStillBeWritten: mayStillArrive(output),
      };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { written: false, account: accountOf(error), mayStillBeWritten: mayStillArrive(error) };
      }
      throw error;
    }
  }
}

/** The item that a failed condition carries. The document client leaves errors as DynamoDB sent them. */
function accountOf({ Item }: ConditionalCheckFailedException): Account | undefined {
  return Item === undefined ? undefined : decodeAccount(unmarshall(Item, { wrapNumbers: BigInt }));
}

/** DynamoDB turns an empty map of values away. */
function valuesOrNone(values: Record<string, bigint | string>): Partial<UpdateCommandInput> {
  return Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values };
}
