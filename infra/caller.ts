import { Stack, Validations } from 'aws-cdk-lib';
import type { CfnApi, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Effect, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { STAGE } from './api.ts';
import { type CallerGrants, GrantError, invokeResources } from './grants.ts';
import type { RegionStack } from './region.ts';
import { wildcardFinding } from './rights.ts';

/**
 * Lets a role call the bank, in both Regions, and do exactly what its grants say.
 *
 * Each Region's stack gets policies for its own API, at most four, attached to the role by name, so that neither depends on the other. One
 * policy is enough for all operations on about four accounts with short names. The role must exist in the bank's AWS account (IAM is one for
 * all Regions). Callers in other accounts assume it, because HTTP APIs have no policies of their own. Name a role in one `BankCaller` only,
 * with all its grants.
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
 * Throws {@link GrantError} if no policy can express the grants exactly, or if they need more than four policies.
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

/** The most characters that IAM takes in a managed policy, without white space. */
const MAX_POLICY_CHARACTERS = 6_144;
/** What a policy has besides its resources: its version, and the effect and the action of two statements. */
const FRAME_CHARACTERS = 200;
/** A role takes 10 managed policies. Both Regions attach theirs, and two places are left for others. */
const MAX_POLICIES = 4;

/** The requests that one policy denies and allows. */
type Part = Readonly<Record<'deny' | 'allow', string[]>>;

function allowInvoke(region: RegionStack, id: string, { role, grants }: CallerGrants): void {
  const parts = split(invokeResources(grants), region.region);
  if (parts.length > MAX_POLICIES) {
    const message = `the grants of ${role} need ${parts.length} policies in each Region, and at most ${MAX_POLICIES} are possible: name accounts by their beginning and *, or use several roles`;
    throw new GrantError(message, 'grant_too_long');
  }
  const caller = Role.fromRoleName(region, `Caller${id}Role`, role);
  let before: ManagedPolicy | undefined;
  for (const [index, { allow, deny }] of parts.entries()) {
    const policy = new ManagedPolicy(region, `Caller${id}${index === 0 ? '' : `#${index + 1}`}`, {
      description: `What ${role} may do at the bank in ${region.region}`,
      roles: [caller],
      statements: [
        ...statements(Effect.ALLOW, region.api, allow),
        ...statements(Effect.DENY, region.api, deny),
      ],
    });
    // No policy may allow anything before the policies that deny a part of it are there.
    if (before !== undefined) {
      policy.node.addDependency(before);
    }
    before = policy;
    acknowledgeWildcards(policy, region, allow);
  }
}

/** Splits requests into as few policies as take them. Those that are denied come first. */
function split({ allow, deny }: ReturnType<typeof invokeResources>, region: string): readonly Part[] {
  const arnCharacters = `"arn:aws:execute-api:${region}:111122223333:abcdefghij/${STAGE}/",`.length;
  const parts: Part[] = [];
  let left = 0;
  const add = (effect: keyof Part) => (request: string) => {
    const characters = arnCharacters + request.length;
    if (left < characters) {
      parts.push({ deny: [], allow: [] });
      left = MAX_POLICY_CHARACTERS - FRAME_CHARACTERS;
    }
    parts.at(-1)?.[effect].push(request);
    left -= characters;
  };
  deny.forEach(add('deny'));
  allow.forEach(add('allow'));
  return parts;
}

function acknowledgeWildcards(policy: ManagedPolicy, region: RegionStack, requests: readonly string[]): void {
  const apiId = region.getLogicalId(region.api.node.defaultChild as CfnApi);
  for (const request of requests.filter((each) => each.includes('*'))) {
    Validations.of(policy).acknowledge({
      id: wildcardFinding(region, 'execute-api', `<${apiId}>/${STAGE}/${request}`),
      reason:
        'The * stands for ends of account names and for keys; grants.ts keeps it from matching anything else.',
    });
  }
}

/** The requests as a statement with this effect, or none. */
function statements(effect: Effect, api: HttpApi, requests: readonly string[]): readonly PolicyStatement[] {
  const resources = requests.map((request) =>
    Stack.of(api).formatArn({
      service: 'execute-api',
      resource: api.apiId,
      resourceName: `${STAGE}/${request}`,
    }),
  );
  return resources.length === 0
    ? []
    : [new PolicyStatement({ effect, actions: ['execute-api:Invoke'], resources })];
}
