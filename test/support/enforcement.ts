import { type DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { tableNames } from '../../infra/names.ts';
import { ACCOUNT, isAllowed, type Statement } from './policies.ts';
import type { TestTables } from './tables.ts';

/** Statements of the functions' roles, as they are deployed. */
export interface Policies {
  readonly api: readonly Statement[];
}

/** A request that a role allowed. */
export interface Granted {
  readonly role: keyof Policies;
  readonly action: string;
  readonly resource: string;
}

/**
 * Makes a client's requests subject to the role that its function is deployed with, as IAM would: DynamoDB Local asks
 * nobody. Tables of a test stand for those of the deployed bank.
 */
export function enforce(
  client: DynamoDBClient,
  role: keyof Policies,
  { tables, denied, granted }: { tables: TestTables; denied: readonly string[]; granted: Granted[] },
): void {
  const statements = inject('policies')[role];
  const deployed = tableNames('twinbank');
  const deployedName = (name: string) =>
    (Object.keys(deployed) as (keyof typeof deployed)[])
      .filter((table) => tables[table] === name)
      .map((table) => deployed[table])[0];
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers, body } = args.request as {
        headers: Record<string, string>;
        body: Uint8Array | string;
      };
      const action = `dynamodb:${headers['x-amz-target']?.split('.').at(-1)}`;
      const { TableName, RequestItems = {} } = JSON.parse(
        typeof body === 'string' ? body : new TextDecoder().decode(body),
      ) as {
        TableName?: string;
        RequestItems?: object;
      };
      for (const table of TableName === undefined ? Object.keys(RequestItems) : [TableName]) {
        const resource = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${deployedName(table)}`;
        if (denied.includes(action) || !isAllowed(statements, action, resource)) {
          throw new DynamoDBServiceException({
            name: 'AccessDeniedException',
            message: `the role of ${role} does not allow ${action} on ${resource}`,
            $fault: 'client',
            $metadata: { httpStatusCode: 400 },
          });
        }
        granted.push({ role, action, resource });
      }
      return next(args);
    },
    { name: 'enforceRole', step: 'finalizeRequest', priority: 'low' },
  );
}
