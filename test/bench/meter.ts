import type { ConsumedCapacity as Capacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fromAttributes } from '../../functions/dynamodb/attributes.ts';
import { itemBytes } from '../support/item-size.ts';

/** What DynamoDB was asked to do. */
export interface Work {
  /** HTTP requests, retries included. */
  readonly requests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Bytes of the bodies, without headers. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

const NO_WORK: Work = { requests: 0, writeUnits: 0, readUnits: 0, sentBytes: 0, receivedBytes: 0 };

/** Bytes of an item that one write unit pays for. */
const WRITE_UNIT_BYTES = 1024;

const READS = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand', 'ScanCommand']);

/** Measures what a client has DynamoDB do. */
export class Meter {
  #work = NO_WORK;

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next) => (args) => {
        // In place: the bank's store knows its commands by their inputs.
        Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
        return next(args);
      },
      { name: 'benchAskForCapacity', step: 'initialize', priority: 'low' },
    );
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const isRead = READS.has(String(context.commandName));
        this.#add({ requests: 1, sentBytes: bodyBytes(args.request) });
        try {
          const result = await next(args);
          this.#add(unitsAs(isRead, unitsOf(args.input, result.output)));
          return result;
        } catch (error) {
          this.#add(unitsAs(isRead, unitsOfFailure(error)));
          throw error;
        }
      },
      { name: 'benchCountAttempts', step: 'finalizeRequest', priority: 'low' },
    );
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { headers: Record<string, string> };
        this.#add({ receivedBytes: Number(headers['content-length'] ?? 0) });
        return result;
      },
      // Below the middleware that reads the answer, so that failures come by here as answers too.
      { name: 'benchCountAnswers', step: 'deserialize', priority: 'low' },
    );
  }

  /** What was done since the last time that somebody asked. */
  take(): Work {
    const work = this.#work;
    this.#work = NO_WORK;
    return work;
  }

  #add(more: Partial<Work>): void {
    this.#work = sum(this.#work, { ...NO_WORK, ...more });
  }
}

/** The work of two calls. */
export function sum(one: Work, other: Work): Work {
  return {
    requests: one.requests + other.requests,
    writeUnits: one.writeUnits + other.writeUnits,
    readUnits: one.readUnits + other.readUnits,
    sentBytes: one.sentBytes + other.sentBytes,
    receivedBytes: one.receivedBytes + other.receivedBytes,
  };
}

/** Work divided by the calls that it was done for. */
export function perCall(work: Work, calls: number): Work {
  return {
    requests: work.requests / calls,
    writeUnits: work.writeUnits / calls,
    readUnits: work.readUnits / calls,
    sentBytes: work.sentBytes / calls,
    receivedBytes: work.receivedBytes / calls,
  };
}

function unitsAs(isRead: boolean, units: number): Partial<Work> {
  return isRead ? { readUnits: units } : { writeUnits: units };
}

function unitsOf(input: unknown, output: unknown): number {
  const { TransactItems } = input as { TransactItems?: readonly unknown[] };
  return TransactItems === undefined ? unitsIn(output) : unitsOfTransaction(TransactItems.length);
}

function unitsIn(output: unknown): number {
  const { ConsumedCapacity: told = [] } = output as { ConsumedCapacity?: Capacity | readonly Capacity[] };
  const units = [told].flat().map(({ CapacityUnits }) => CapacityUnits ?? Number.NaN);
  // Of a batch it tells each table.
  const all = units.reduce((one, other) => one + other, units.length === 0 ? Number.NaN : 0);
  if (Number.isNaN(all)) throw new Error('DynamoDB did not say what a request consumed');
  return all;
}

/**
 * By the published rule, two units for each item below 1 KB, as the contender's are. DynamoDB Local 1.25 tells each table
 * the sum over both.
 */
function unitsOfTransaction(items: number): number {
  return 2 * items;
}

/**
 * What a write costs whose condition failed, by the published rule, because the answer does not tell: as much as if it had
 * been made, by the size of the item that is there, and in a transaction twice that for each item.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
function unitsOfFailure(error: unknown): number {
  const { name, Item, CancellationReasons } = error as {
    name?: string;
    Item?: Parameters<typeof fromAttributes>[0];
    CancellationReasons?: readonly unknown[];
  };
  switch (name) {
    case 'ConditionalCheckFailedException':
      return Math.max(1, Math.ceil(itemBytes(fromAttributes(Item ?? {})) / WRITE_UNIT_BYTES));
    case 'TransactionCanceledException':
      return unitsOfTransaction(CancellationReasons?.length ?? 0);
    default:
      throw error;
  }
}

function bodyBytes(request: unknown): number {
  const { body } = request as { body?: string | Uint8Array };
  return body === undefined ? 0 : Buffer.byteLength(body);
}
