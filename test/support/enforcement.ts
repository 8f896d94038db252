import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { type TableNames, tableNames } from '../../infra/names.ts';
import { statementsOfFunction } from './deployment.ts';
import { errorAnswer, intercept } from './intercept.ts';
import { ACCOUNT, isAllowed } from './policies.ts';

/** A function that works on the tables, by the last part of its name. */
export type RoleOf = 'api' | 'sweep';

/** A request that the function's role allowed. */
export interface Granted {
  readonly action: string;
  readonly resource: string;
}

/**
 * Makes a client's requests subject to the role that a function is deployed with, as IAM would: DynamoDB Local asks
 * nobody. Tables of a test stand for those of the deployed bank.
 */
export function enforce(
  client: DynamoDBClient,
  {
    role,
    tables,
    denied,
    granted,
  }: { role: RoleOf; tables: TableNames; denied: readonly string[]; granted: Granted[] },
): void {
  const statements = statementsOfFunction(inject('deployment').regions[0], `twinbank-${role}`);
  const deployed = tableNames('twinbank');
  const deployedName = (name: string) =>
    (Object.keys(deployed) as (keyof typeof deployed)[])
      .filter((table) => tables[table] === name)
      .map((table) => deployed[table])[0];
  intercept(client, (asked, send) => {
    const action = `dynamodb:${asked.operation}`;
    const {
      TableName,
      IndexName,
      RequestItems = {},
    } = asked.input as {
      TableName?: string;
      IndexName?: string;
      RequestItems?: object;
    };
    for (const table of TableName === undefined ? Object.keys(RequestItems) : [TableName]) {
      const index = IndexName === undefined ? '' : `/index/${IndexName}`;
      const resource = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${deployedName(table)}${index}`;
      if (denied.includes(action) || !isAllowed(statements, action, resource)) {
        const message = `the role of the function does not allow ${action} on ${resource}`;
        return Promise.resolve(errorAnswer('AccessDeniedException', message));
      }
      granted.push({ action, resource });
    }
    return send();
  });
}
