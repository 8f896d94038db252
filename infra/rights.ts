import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { TableNames } from './names.ts';

/** Verbs of DynamoDB that a function may use, by table. */
export type Rights = Readonly<Record<keyof TableNames, readonly string[]>>;

/** What the function behind the API does: no scan, no query, no put, and nothing in any other Region. */
export const API_RIGHTS: Rights = {
  accounts: ['GetItem', 'UpdateItem', 'DeleteItem'],
  idempotency: ['GetItem', 'BatchWriteItem'],
};

/** What the sweep does: it goes through the accounts, and keeps its place beside the archived replies. */
export const SWEEP_RIGHTS: Rights = {
  accounts: ['Scan', 'UpdateItem', 'DeleteItem'],
  idempotency: ['GetItem', 'PutItem', 'BatchWriteItem'],
};

/** What the check of the tables' protection does. It can read no item. */
export const PROTECTION_RIGHTS: Rights = {
  accounts: ['DescribeTable'],
  idempotency: ['DescribeTable'],
};

/** The rights as statements on the tables of the scope's own Region. */
export function tableStatements(scope: Construct, rights: Rights, tables: TableNames): PolicyStatement[] {
  return (Object.keys(rights) as (keyof Rights)[]).map(
    (table) =>
      new PolicyStatement({
        actions: rights[table].map((verb) => `dynamodb:${verb}`),
        resources: [
          Stack.of(scope).formatArn({ service: 'dynamodb', resource: 'table', resourceName: tables[table] }),
        ],
      }),
  );
}
