import { Stack, Validations } from 'aws-cdk-lib';
import type { CfnApi, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Effect, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { STAGE } from './api.ts';
import { type CallerGrants, invokeResources } from './grants.ts';
import type { RegionStack } from './region.ts';
import { wildcardFinding } from './rights.ts';

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

function statement(effect: Effect, api: HttpApi, requests: readonly string[]): PolicyStatement {
  const arnOf = (request: string) =>
    Stack.of(api).formatArn({
      service: 'execute-api',
      resource: api.apiId,
      resourceName: `${STAGE}/${request}`,
    });
  return new PolicyStatement({ effect, actions: ['execute-api:Invoke'], resources: requests.map(arnOf) });
}
