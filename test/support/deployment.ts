import { ACCOUNT, type Statement } from './policies.ts';

/** One resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: unknown;
  readonly DependsOn?: readonly string[];
}

/** A template, as far as tests look into it. */
export interface StackTemplate {
  readonly stackName: string;
  readonly region: string;
  readonly dependencies: readonly string[];
  readonly terminationProtection: boolean;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, { readonly Value: unknown; readonly Export?: unknown }>>;
  /** The whole of it. */
  readonly text: string;
}

/** What `cdk synth` would write. */
export interface Deployment {
  readonly tables: StackTemplate;
  readonly regions: readonly [StackTemplate, StackTemplate];
  readonly dashboard: StackTemplate;
  readonly all: readonly StackTemplate[];
  /** Findings of the checks that are acknowledged, with the reason. */
  readonly acknowledged: readonly { readonly path: string; readonly id: string; readonly reason: string }[];
}

/** The resources of one type, by their logical names. */
export function resourcesOf(template: StackTemplate, type: string): [string, Resource][] {
  return Object.entries(template.resources).filter(([, resource]) => resource.Type === type);
}

/** The properties of the one resource of a type that has these. */
export function propertiesOf(
  template: StackTemplate,
  type: string,
  has: (properties: Resource['Properties']) => boolean = () => true,
): Resource['Properties'] {
  const found = resourcesOf(template, type).filter(([, { Properties }]) => has(Properties));
  if (found.length !== 1) {
    throw new Error(`${found.length} resources of type ${type} instead of one`);
  }
  return (found[0] as [string, Resource])[1].Properties;
}

/** What a value of a template becomes when it is deployed; what only AWS knows stands in angle brackets. */
export function deployed(template: StackTemplate, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => deployed(template, each));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const [[name, inner] = ['', undefined]] = Object.entries(value);
  switch (name) {
    case 'Fn::Join': {
      const [separator, parts] = inner as [string, unknown[]];
      return parts.map((part) => deployed(template, part)).join(separator);
    }
    case 'Fn::GetAtt':
      return `<${(inner as string[]).join('.')}>`;
    case 'Ref':
      return PSEUDO_PARAMETERS[inner as string] ?? `<${inner as string}>`;
    default:
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, deployed(template, each)]));
  }
}

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': ACCOUNT,
};

/** The statements of the role of a function. */
export function statementsOfFunction(template: StackTemplate, functionName: string): Statement[] {
  const { Role } = propertiesOf(
    template,
    'AWS::Lambda::Function',
    ({ FunctionName }) => FunctionName === functionName,
  ) as { Role: { 'Fn::GetAtt': [string, string] } };
  const role = Role['Fn::GetAtt'][0];
  const attached = (template.resources[role]?.Properties['ManagedPolicyArns'] ?? []) as unknown[];
  if (attached.length > 0) {
    throw new Error(`${functionName} has managed policies that were not reviewed`);
  }
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties['Roles']).includes(`"${role}"`))
    .flatMap(([, { Properties }]) => statementsIn(template, Properties));
}

/** The statements of what a role was given as a caller. */
export function statementsOfCaller(template: StackTemplate, roleName: string): Statement[] {
  return resourcesOf(template, 'AWS::IAM::ManagedPolicy')
    .filter(([, { Properties }]) => (Properties['Roles'] as unknown[]).includes(roleName))
    .flatMap(([, { Properties }]) => statementsIn(template, Properties));
}

/** The statements of the policy of the one topic. */
export function statementsOfTopic(template: StackTemplate): Statement[] {
  return statementsIn(template, propertiesOf(template, 'AWS::SNS::TopicPolicy'));
}

function statementsIn(template: StackTemplate, properties: Readonly<Record<string, unknown>>): Statement[] {
  const { Statement } = deployed(template, properties['PolicyDocument']) as { Statement: Statement[] };
  return Statement;
}
