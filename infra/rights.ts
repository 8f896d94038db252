import { Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { SCHEMA } from '../functions/dynamodb/schema.ts';
import type { TableNames } from './names.ts';

/** Verbs of DynamoDB that a function may use, by table and for the indexes `due` of the accounts and `watermark` of the pages. */
type Rights = Readonly<Partial<Record<keyof TableNames | 'due' | 'watermark', readonly string[]>>>;

/** What the function behind the API does. It cannot remove an account or a page. The scan is the operators' list of accounts. */
export const API_RIGHTS = {
  accounts: ['GetItem', 'UpdateItem', 'Scan'],
  pages: ['Query', 'PutItem'],
  watermark: ['Query'],
  idempotency: ['GetItem', 'PutItem', 'BatchWriteItem', 'DeleteItem'],
} as const satisfies Rights;

/** What the sweep does: it looks for what is due, and writes to books as the function behind the API does. */
export const SWEEP_RIGHTS = {
  due: ['Query'],
  accounts: ['GetItem', 'UpdateItem'],
  pages: ['Query', 'PutItem'],
  watermark: ['Query'],
  idempotency: ['GetItem', 'PutItem', 'BatchWriteItem'],
} as const satisfies Rights;

/** What the check of the tables' protection does. It can read no item. */
export const PROTECTION_RIGHTS = {
  accounts: ['DescribeTable'],
  pages: ['DescribeTable'],
  idempotency: ['DescribeTable'],
} as const satisfies Rights;

/** The rights as statements on the tables of the scope's own Region. */
export function tableStatements(scope: Construct, rights: Rights, tables: TableNames): PolicyStatement[] {
  const names = {
    ...tables,
    due: `${tables.accounts}/index/${SCHEMA.accounts.index.name}`,
    watermark: `${tables.pages}/index/${SCHEMA.pages.index.name}`,
  };
  return Object.entries(rights).map(
    ([table, verbs]) =>
      new PolicyStatement({
        actions: verbs.map((verb) => `dynamodb:${verb}`),
        resources: [
          Stack.of(scope).formatArn({
            service: 'dynamodb',
            resource: 'table',
            resourceName: names[table as keyof Rights],
          }),
        ],
      }),
  );
}

/** The id under which the checks find a wildcard in a resource of a stack, whose account may be known at deployment only. */
export function wildcardFinding(stack: Stack, service: string, resource: string): string {
  const account = Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account;
  return `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${service}:${stack.region}:${account}:${resource}]`;
}
