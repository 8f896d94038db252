import { BatchWriteCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { Recorded, Subject } from '../core/account.ts';
import { RETENTION_MS } from '../core/limits.ts';
import { type RecordedByKey, StoreUnavailableError } from '../core/store.ts';
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
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #nowMs: () => number;

  constructor(client: DynamoDBDocumentClient, tableName: string, nowMs: () => number) {
    this.#client = client;
    this.#tableName = tableName;
    this.#nowMs = nowMs;
  }

  /** DynamoDB deletes expired items late; one that is past its time is treated as gone. */
  async read({ account, key }: Subject, abortSignal: AbortSignal): Promise<Recorded | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#tableName, Key: { account, key }, ConsistentRead: true }),
      { abortSignal },
    );
    if (Item === undefined) {
      return undefined;
    }
    const { call, reply, expiresAt } = v.parse(archivedSchema, Item);
    return Number(expiresAt) * 1000 <= this.#nowMs() ? undefined : decodeRecorded(call, reply);
  }

  /** Throws {@link StoreUnavailableError} unless every reply is written. */
  async write(account: string, replies: RecordedByKey, abortSignal: AbortSignal): Promise<void> {
    const expiresAt = Math.ceil((this.#nowMs() + RETENTION_MS) / 1000);
    let left: Record<string, unknown>[] = [...replies].map(([key, recorded]) => ({
      PutRequest: { Item: { account, key, ...encodeRecorded(recorded), expiresAt } },
    }));
    for (let writes = 0; left.length > 0; writes += 1) {
      if (writes === MAX_BATCH_WRITES) {
        throw new StoreUnavailableError('no', `${left.length} replies could not be archived`);
      }
      const { UnprocessedItems = {} } = await this.#client.send(
        new BatchWriteCommand({ RequestItems: { [this.#tableName]: left } }),
        { abortSignal },
      );
      left = UnprocessedItems[this.#tableName] ?? [];
    }
  }
}
