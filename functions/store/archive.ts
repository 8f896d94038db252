import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Recorded, Subject } from '../core/account.ts';
import { RETENTION_MS } from '../core/limits.ts';
import { type RecordedByKey, StoreUnavailableError } from '../core/store.ts';
import { fromAttributes, toAttributes } from './attributes.ts';
import { answerTo } from './fate.ts';
import { decodeRecorded, encodeRecorded } from './item.ts';

const archivedSchema = v.object({
  call: v.string(),
  reply: v.union([v.bigint(), v.string()]),
  /** Seconds since 1970, as DynamoDB's TTL wants them. */
  expiresAt: v.bigint(),
});

/** Times that a batch is sent; each but the first holds only what DynamoDB did not get to. */
const MAX_BATCH_WRITES = 4;

/** The idempotency table: replies that have left their accounts. It only ever answers. */
export class ArchiveTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #nowMs: () => number;

  constructor(client: DynamoDBClient, tableName: string, nowMs: () => number) {
    this.#client = client;
    this.#tableName = tableName;
    this.#nowMs = nowMs;
  }

  /** DynamoDB deletes expired items late; one that is past its time is treated as gone. */
  async read({ account, key }: Subject, abortSignal: AbortSignal): Promise<Recorded | undefined> {
    const command = new GetItemCommand({
      TableName: this.#tableName,
      Key: toAttributes({ account, key }),
      ConsistentRead: true,
    });
    const { Item } = await answerTo(command, this.#client.send(command, { abortSignal }));
    if (Item === undefined) {
      return undefined;
    }
    const { call, reply, expiresAt } = v.parse(archivedSchema, fromAttributes(Item));
    return Number(expiresAt) * 1000 <= this.#nowMs() ? undefined : decodeRecorded(call, reply);
  }

  /** Throws {@link StoreUnavailableError} unless every reply is written. */
  async write(account: string, replies: RecordedByKey, abortSignal: AbortSignal): Promise<void> {
    const expiresAt = Math.ceil((this.#nowMs() + RETENTION_MS) / 1000);
    let left: WriteRequest[] = [...replies].map(([key, recorded]) => ({
      PutRequest: { Item: toAttributes({ account, key, ...encodeRecorded(recorded), expiresAt }) },
    }));
    for (let writes = 0; left.length > 0; writes += 1) {
      if (writes === MAX_BATCH_WRITES) {
        throw new StoreUnavailableError('no', `${left.length} replies could not be archived`);
      }
      const command = new BatchWriteItemCommand({ RequestItems: { [this.#tableName]: left } });
      const { UnprocessedItems = {} } = await answerTo(command, this.#client.send(command, { abortSignal }));
      left = UnprocessedItems[this.#tableName] ?? [];
    }
  }
}
