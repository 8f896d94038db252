import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { toAttributes } from '../../../functions/dynamodb/attributes.ts';
import { RECOVERY_NOTE } from '../../recovery-note.ts';
import { UsageError } from '../program.ts';
import type { Task } from './progress.ts';

/** Tells `npm run deploy` that the bank is a recovered one, and whether every book is there. */
export class RecoveryNote {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #task: Task;

  constructor(client: DynamoDBClient, tableName: string, task: Task) {
    this.#client = client;
    this.#tableName = tableName;
    this.#task = task;
  }

  /** Notes that a recovery begins in an empty bank. Replaces the note of one that wrote nothing. */
  async begin(): Promise<void> {
    await this.#put(false);
  }

  /** Notes that every book is there. Throws {@link UsageError} if another recovery found the bank empty as well. */
  async complete(): Promise<void> {
    try {
      await this.#put(true, {
        ConditionExpression: 'attribute_not_exists(account) OR #source = :source',
        ExpressionAttributeNames: { '#source': 'source' },
        ExpressionAttributeValues: toAttributes({ ':source': this.#task.source }),
      });
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        throw error;
      }
      throw new UsageError('another recovery has begun in this bank meanwhile; deploy a fresh one');
    }
  }

  async #put(isComplete: boolean, condition: object = {}): Promise<void> {
    const { source, keysNotBefore } = this.#task;
    const Item = toAttributes({ ...RECOVERY_NOTE, source, keysNotBefore, isComplete });
    await this.#client.send(new PutItemCommand({ TableName: this.#tableName, Item, ...condition }));
  }
}
