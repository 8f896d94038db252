import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { CfnApi, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Effect, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SCHEMA } from '../functions/dynamodb/schema.ts';
import { STAGE } from './api.ts';
import { type CallerGrants, invokeResources } from './grants.ts';
import type { TableNames } from './names.ts';
import type { RegionStack } from './region.ts';

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

/**
 * Lets a role call the bank, in both Regions, and do exactly what its grants say.
 *
 * Each Region's stack gets a policy for its own API, attached to the role by name, so that neither depends on
 * the other. The role must exist in the bank's AWS account (IAM is one for all Regions); callers of other accounts
 * assume it, because HTTP APIs have no policies of their own. Name a role in one `BankCaller` only, with all its grants.
 *
 * ```ts
 * new BankCaller(bank, 'Shop', {
 *   role: 'shop',
 *   grants: [
 *     { operations: ['deposit'], accounts: ['*'] },
 *     { operations: ['all'], accounts: ['wallet-*'] },
 *   ],
 * });
 * ```
 *
 * Throws {@link GrantError} when no policy can express the grants exactly.
 */
export class BankCaller extends Construct {
  constructor(
    bank: Construct & { readonly regions: readonly RegionStack[] },
    id: string,
    props: CallerGrants,
  ) {
    super(bank, id);
    for (const region of bank.regions) {
      allowInvoke(region, id, props);
    }
  }
}

function allowInvoke(region: RegionStack, id: string, { role, grants }: CallerGrants): void {
  const { allow, deny } = invokeResources(grants);
  const apiId = region.getLogicalId(region.api.node.defaultChild as CfnApi);
  const policy = new ManagedPolicy(region, `Caller${id}`, {
    description: `What ${role} may do at the bank in ${region.region}`,
    roles: [Role.fromRoleName(region, `Caller${id}Role`, role)],
    statements: [
      statement(Effect.ALLOW, region.api, allow),
      ...(deny.length > 0 ? [statement(Effect.DENY, region.api, deny)] : []),
    ],
  });
  for (const request of allow.filter((each) => each.includes('*'))) {
    Validations.of(policy).acknowledge({
      id: wildcardFinding(region, 'execute-api', `<${apiId}>/${STAGE}/${request}`),
      reason:
        'The * stands for ends of account names and for keys; grants.ts keeps it from matching anything else.',
    });
  }
}

/** The id under which the checks find a wildcard in a resource of a stack, whose account may be known at deployment only. */
export function wildcardFinding(stack: Stack, service: string, resource: string): string {
  const account = Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account;
  return `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${service}:${stack.region}:${account}:${resource}]`;
}

function statement(effect: Effect, api: HttpApi, requests: readonly string[]): PolicyStatement {
  const arnOf = (request: string) =>
    Stack.of(api).formatArn({
      service: 'execute-api',
      resource: api.apiId,
      resourceName: `${STAGE}/${request}`,
    });
  return new PolicyStatement({ effect, actions: ['execute-api:Invoke'], resources: requests.map(arnOf) });
}
