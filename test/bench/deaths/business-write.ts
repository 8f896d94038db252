import type { IncomingHttpHeaders } from 'node:http';
import type { ContenderName } from '../contenders/contender.ts';
import type { BenchTables } from '../contenders/tables.ts';

/** A request to DynamoDB, as it comes over the wire. */
export interface DynamoDbRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** DynamoDB's name of the request that moves the money. */
const OPERATIONS: Readonly<Record<ContenderName, string>> = {
  bank: 'UpdateItem',
  bare: 'UpdateItem',
  powertools: 'UpdateItem',
  transaction: 'TransactWriteItems',
};

/** True for the request by which a contender moves the money. What it records besides is in a table of its own. */
export function isBusinessWrite(
  contender: ContenderName,
  tables: BenchTables,
  { headers, body }: DynamoDbRequest,
): boolean {
  const [, operation] = String(headers['x-amz-target']).split('.');
  return operation === OPERATIONS[contender] && tablesIn(body).includes(tables[contender].accounts);
}

function tablesIn(body: Buffer): (string | undefined)[] {
  const { TableName, TransactItems = [] } = JSON.parse(body.toString('utf8')) as {
    TableName?: string;
    TransactItems?: Record<string, { TableName: string }>[];
  };
  return [TableName, ...TransactItems.flatMap((item) => Object.values(item).map((each) => each.TableName))];
}
