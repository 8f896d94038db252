import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { TableNames } from './names.ts';

/** Verbs of DynamoDB that a function may use, by table. */
export type Rights = Readonly<Record<keyof TableNames, readonly string[]>>;

/** What the function behind the API does. It cannot remove an account or a page. The scan is the operators' list of accounts. */
export const API_RIGHTS: Rights = {
  accounts: ['GetItem', 'UpdateItem', 'Scan'],
  pages: ['Query', 'PutItem'],
  idempotency: ['GetItem', 'PutItem', 'BatchWriteItem', 'DeleteItem'],
};

/** What the check of the tables' protection does. It can read no item. */
export const PROTECTION_RIGHTS: Rights = {
  accounts: ['DescribeTable'],
  pages: ['DescribeTable'],
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
