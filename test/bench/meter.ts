import type { AttributeValue, ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fromAttributes } from '../../functions/dynamodb/attributes.ts';
import { type Answered, intercept } from '../support/intercept.ts';
import { itemBytes } from '../support/item-size.ts';

/** What DynamoDB was asked to do. */
export interface Work {
  /** HTTP requests, retries included. */
  readonly requests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** The largest head among the answers. */
export interface SeenHead {
  readonly headEntries: number;
  readonly headBytes: number;
}

type Item = Record<string, AttributeValue>;

const NO_WORK: Work = { requests: 0, writeUnits: 0, readUnits: 0 };

/** Bytes of an item that one write unit pays for. */
const WRITE_UNIT_BYTES = 1024;

const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);

/** Counts what a client has DynamoDB do. */
export class Meter {
  #work = NO_WORK;
  #largestHead: Item = {};

  constructor(client: DynamoDBClient) {
    intercept(client, async ({ operation, input }, send) => {
      input['ReturnConsumedCapacity'] = 'TOTAL';
      const answer = await send();
      const { Attributes, Item } = answer.output as { Attributes?: Item; Item?: Item };
      this.#see(Attributes ?? Item);
      const unit = READS.has(operation) ? 'readUnits' : 'writeUnits';
      const units = answer.status < 300 ? unitsOf(input, answer.output) : unitsOfFailure(answer.output);
      this.#work = addWork(this.#work, { requests: 1, [unit]: units });
      return answer;
    });
  }

  /** What was done since the last call of this method. */
  take(): Work & SeenHead {
    const [work, largest] = [this.#work, this.#largestHead];
    this.#work = NO_WORK;
    this.#largestHead = {};
    return { ...work, headEntries: entriesOf(largest), headBytes: itemBytes(fromAttributes(read(largest))) };
  }

  #see(item: Item | undefined): void {
    if (item !== undefined && entriesOf(item) > entriesOf(this.#largestHead)) {
      this.#largestHead = item;
    }
  }
}

function addWork(one: Work, other: Partial<Work>): Work {
  return {
    requests: one.requests + (other.requests ?? 0),
    writeUnits: one.writeUnits + (other.writeUnits ?? 0),
    readUnits: one.readUnits + (other.readUnits ?? 0),
  };
}

/** The work of all slices, divided by the number of calls that it was done for. */
export function workPerCall(slices: readonly Work[], calls: number): Work {
  const { requests, writeUnits, readUnits } = slices.reduce(addWork, NO_WORK);
  return { requests: requests / calls, writeUnits: writeUnits / calls, readUnits: readUnits / calls };
}

/** An item of the wire, where binary values are Base64. */
function read(item: Item): Item {
  return JSON.parse(JSON.stringify(item), (name, value) =>
    name === 'B' && typeof value === 'string' ? Buffer.from(value, 'base64') : value,
  );
}

function entriesOf(item: Item): number {
  return item['keys']?.L?.length ?? 0;
}

function unitsOf(input: unknown, output: unknown): number {
  const { TransactItems } = input as { TransactItems?: readonly unknown[] };
  if (TransactItems !== undefined) {
    return unitsOfTransaction(TransactItems.length);
  }
  const { ConsumedCapacity = [] } = output as {
    ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
  };
  // A batch has one for each table.
  const units = [ConsumedCapacity].flat().map(({ CapacityUnits }) => CapacityUnits ?? Number.NaN);
  const sum = units.reduce((one, other) => one + other, units.length === 0 ? Number.NaN : 0);
  if (Number.isNaN(sum)) {
    throw new Error('DynamoDB did not return what a request consumed');
  }
  return sum;
}

/**
 * By the published rule, two units for each item below 1 KB. DynamoDB Local 1.25 reports the sum over all tables for each of
 * them.
 */
function unitsOfTransaction(items: number): number {
  return 2 * items;
}

/**
 * DynamoDB does not report what a write consumes whose condition failed. By the published rule it is as much as if the item
 * had been written, by the size of the item that is there, and in a transaction twice that for each item.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
function unitsOfFailure(output: Answered['output']): number {
  const { __type, Item, CancellationReasons } = output as {
    __type?: string;
    Item?: Item;
    CancellationReasons?: readonly unknown[];
  };
  switch (__type?.split('#').at(-1)) {
    case 'ConditionalCheckFailedException':
      return Math.max(1, Math.ceil(itemBytes(fromAttributes(read(Item ?? {}))) / WRITE_UNIT_BYTES));
    case 'TransactionCanceledException':
      return unitsOfTransaction(CancellationReasons?.length ?? 0);
    default:
      throw new Error(`DynamoDB answered with ${__type}`);
  }
}
