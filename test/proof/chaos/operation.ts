import type { Entry } from '../../../functions/bank/entry.ts';
import { decodeEntry, isEntry } from '../../../functions/dynamodb/entry-text.ts';

/** What DynamoDB is asked for, as far as faults and laws go by it. */
export interface Operation {
  /** Such as `UpdateItem`. */
  readonly name: string;
  /** Tables that it is about. */
  readonly tables: readonly string[];
  readonly isWrite: boolean;
  readonly isStrongRead: boolean;
  /** Account that it is about, where it is about one. */
  readonly account: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

const WRITES = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
]);

/** Reads a request to DynamoDB from its target header and its body. */
export function operationOf(target: string | string[] | undefined, body: Buffer): Operation {
  const name = String(target).split('.').at(-1) ?? '';
  const read = parse(body);
  return {
    name,
    tables: tablesIn(read),
    isWrite: WRITES.has(name),
    isStrongRead: read['ConsistentRead'] === true,
    account: (read['Key'] as { account?: { S?: string } } | undefined)?.account?.S,
    body: read,
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

function parse(body: Buffer): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(body.toString('utf8'));
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Every table name in a request, however deep: a transaction has them inside of its items, a batch as names of members. */
function tablesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === 'TableName' && typeof member === 'string') {
      return [member];
    }
    if (name === 'RequestItems' && typeof member === 'object') {
      return Object.keys(member ?? {});
    }
    if (name === 'Statement' && typeof member === 'string') {
      return [...member.matchAll(/"([^"]+)"/g)].map(([, quoted = '']) => quoted);
    }
    return name === 'TransactItems' || name === 'TransactStatements' || /^\d+$/.test(name) || isAction(name)
      ? tablesIn(member)
      : [];
  });
}

function isAction(name: string): boolean {
  return ['Put', 'Update', 'Delete', 'Get', 'ConditionCheck'].includes(name);
}
