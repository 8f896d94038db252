import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Account } from '../core/account.ts';
import type { Change } from '../core/decide.ts';
import { StoreUnavailableError, type WriteResult } from '../core/store.ts';
import { type Attributes, fromAttributes, toAttributes } from './attributes.ts';
import { expressionsFor, removing, type UpdateExpressions } from './expressions.ts';
import { answerTo, mayStillArrive } from './fate.ts';
import { ATTRIBUTES, decodeAccount, decodeRecorded } from './item.ts';

/** The accounts table: every write of it is one conditional UpdateItem or DeleteItem. */
export class AccountsTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  /** Makes a change. When it does not bring the whole account back, it brings the attributes that it has set. */
  async write(change: Change, inWhole: boolean, signal: AbortSignal): Promise<WriteResult> {
    const { account, key } = change.call;
    const returned = inWhole ? 'ALL_NEW' : 'UPDATED_NEW';
    const { attributes, ...result } = await this.#update(account, expressionsFor(change), signal, returned);
    if (!result.written) {
      return { ...result, written: false, account: accountIn(attributes) };
    }
    const item = fromAttributes(attributes ?? {});
    const { [ATTRIBUTES.call(key)]: call, [ATTRIBUTES.reply(key)]: reply } = item;
    if (call === undefined || reply === undefined) {
      throw new StoreUnavailableError('unknown', 'DynamoDB answered a write without what it had written');
    }
    return {
      ...result,
      written: true,
      recorded: decodeRecorded(call, reply),
      account: inWhole ? decodeAccount(item) : undefined,
    };
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
        ExpressionAttributeValues: {},
      },
      signal,
    );
    return accountIn(result.attributes);
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
    if (!raised.written && raised.attributes !== undefined) {
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
    const command = new DeleteItemCommand({
      TableName: this.#tableName,
      Key: keyOf(account),
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
    });
    try {
      await answerTo(command, this.#client.send(command, { abortSignal }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return false;
      }
      throw error;
    }
  }

  async read(account: string, abortSignal: AbortSignal): Promise<Account | undefined> {
    const command = new GetItemCommand({
      TableName: this.#tableName,
      Key: keyOf(account),
      ConsistentRead: true,
    });
    const { Item } = await answerTo(command, this.#client.send(command, { abortSignal }));
    return accountIn(Item);
  }

  async #update(
    account: string,
    { ExpressionAttributeValues, ...expressions }: UpdateExpressions,
    abortSignal: AbortSignal,
    returned: 'ALL_NEW' | 'UPDATED_NEW' = 'ALL_NEW',
  ): Promise<Updated> {
    const command = new UpdateItemCommand({
      TableName: this.#tableName,
      Key: keyOf(account),
      ...expressions,
      ...valuesOrNone(ExpressionAttributeValues),
      ReturnValues: returned,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const told = (written: boolean, attributes: Attributes | undefined): Updated => ({
      written,
      attributes,
      mayStillBeWritten: mayStillArrive(command),
    });
    try {
      const output = await answerTo(command, this.#client.send(command, { abortSignal }));
      return told(true, output.Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return told(false, error.Item);
      }
      throw error;
    }
  }
}

/** What came of an UpdateItem: the attributes that were asked for, or the item that the failed condition carries. */
interface Updated {
  readonly written: boolean;
  readonly attributes: Attributes | undefined;
  readonly mayStillBeWritten: boolean;
}

function keyOf(account: string): Attributes {
  return { [ATTRIBUTES.account]: { S: account } };
}

function accountIn(item: Attributes | undefined): Account | undefined {
  return item === undefined ? undefined : decodeAccount(fromAttributes(item));
}

/** DynamoDB turns an empty map of values away. */
function valuesOrNone(values: UpdateExpressions['ExpressionAttributeValues']): {
  ExpressionAttributeValues?: Attributes;
} {
  return Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: toAttributes(values) };
}
