import type { Entry } from '../../../functions/bank/entry.ts';
import { decodeEntry, isEntry } from '../../../functions/dynamodb/entry-text.ts';

/** A request to DynamoDB, as far as faults and rules depend on it. */
export interface Operation {
  /** Such as `UpdateItem`. */
  readonly name: string;
  readonly isWrite: boolean;
  readonly isStrongRead: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  /** True when it names one of these tables, alone, in a batch, in a transaction or in a statement. */
  isAbout(tables: readonly string[]): boolean;
}

const WRITES = new Set([
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'],
  ...['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction'],
]);

/** Reads a request to DynamoDB from its target header and its body. */
export function operationOf(target: string | string[] | undefined, body: Buffer): Operation {
  const name = String(target).split('.').at(-1) ?? '';
  const text = body.toString('utf8');
  const read = JSON.parse(text) as Operation['body'];
  return {
    name,
    isWrite: WRITES.has(name),
    isStrongRead: read['ConsistentRead'] === true,
    body: read,
    isAbout: (tables) => tables.some((table) => text.includes(table)),
  };
}

/** True for a write of a transfer or a refund that is followed by another one: the first on its account, the credit, the reservation. */
export function isMidway({ name, body }: Operation): boolean {
  const values = JSON.stringify(body['ExpressionAttributeValues'] ?? {});
  const texts = [...values.matchAll(/"S":"([^"]*)"/g)].map(([, text = '']) => text);
  return name === 'UpdateItem' && texts.filter(isEntry).some((text) => isOfTransfer(decodeEntry('', text)));
}

function isOfTransfer({ body }: Entry): boolean {
  return (
    body.kind === 'executed' &&
    ['transfer', 'credit', 'refund', 'reserve', 'unreserve'].includes(body.asked.operation)
  );
}

/**
 * Returns the rule that an operation breaks, if it breaks one. A table with multi-Region strong consistency refuses transactions,
 * a time to live and local indexes; DynamoDB Local does not. The bank must not read it eventually consistently either, except
 * by scans, which list accounts for operators, and by an index, which says where the sweep looks: neither decides anything.
 */
export function breachOf(operation: Operation, strong: readonly string[]): string | undefined {
  if (!operation.isAbout(strong)) {
    return undefined;
  }
  switch (operation.name) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
    case 'ExecuteTransaction':
      return `${operation.name}: a strongly consistent global table has no transactions`;
    case 'UpdateTimeToLive':
      return 'UpdateTimeToLive: a strongly consistent global table has no time to live';
    case 'CreateTable':
      return 'LocalSecondaryIndexes' in operation.body
        ? 'CreateTable: a strongly consistent global table has no local secondary indexes'
        : undefined;
    case 'GetItem':
    case 'Query':
      return operation.isStrongRead || 'IndexName' in operation.body
        ? undefined
        : `${operation.name}: a book was read without ConsistentRead`;
    default:
      return undefined;
  }
}
