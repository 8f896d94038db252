import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { timestampSchema } from '../client/contract/field-schemas.ts';
import { gatewayQuota, STRONGLY_CONSISTENT_REGIONS } from './aws-regions.ts';
import { callersSchema } from './grants.ts';

/** Literal by which programs know what is wrong with a configuration. */
export type ConfigurationCode =
  | 'bad_value'
  | 'bad_prefix'
  | 'bad_region'
  | 'regions_equal'
  | 'witness_is_region'
  | 'region_not_offered'
  | 'above_gateway_quota'
  | 'missing_account';

/** The configuration cannot be deployed; the message says what to change. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code: ConfigurationCode;

  constructor(code: ConfigurationCode, message: string) {
    super(`cdk.json, context.twinbank: ${message}`);
    this.code = code;
  }
}

/** Retentions that CloudWatch Logs accepts, in days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** A Region's name. Whether the bank can live there is checked afterwards, with an error message of its own. */
const regionSchema = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-[0-9]$/));

function wholeNumber(from: number, to: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(from), v.maxValue(to));
}

/** True for the origin of one site. API Gateway would also accept `https://*`, and let any page call. */
function isOrigin(text: string): boolean {
  return !text.includes('*') && URL.canParse(text) && new URL(text).origin === text;
}

/**
 * What a deployment may choose. It is set once, in cdk.json under `context.twinbank`; for one command, each member can be overridden by its
 * name: `npx cdk deploy --all -c prefix=staging -c regions=eu-west-1,eu-central-1`.
 *
 * `is` says in the error message what the member must be. Where cdk.json lacks a member it is `fallback`; members without one are required.
 */
const MEMBERS = {
  /** Starts the name of everything that is deployed, so that two banks can share an AWS account. */
  prefix: {
    // Short enough that every name built on it keeps within the narrowest limit, the 64 characters of a function's name.
    schema: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{1,31}$/)),
    is: '2 to 32 lower-case letters, digits and hyphens, starting with a letter',
  },
  /** AWS account to deploy to. Null takes that of the credentials; without credentials, the templates fit any account. */
  account: {
    schema: v.nullable(v.pipe(v.string(), v.regex(/^\d{12}$/))),
    is: '12 digits in quotes, or null',
    fallback: null,
  },
  /** The two Regions where functions run and replicas live. The first one holds the stack of the tables. */
  regions: { schema: v.strictTuple([regionSchema, regionSchema]), is: 'a list of two Regions' },
  /** Region that confirms writes: DynamoDB stores them there too, but no function runs there and nobody can read them there. */
  witness: { schema: regionSchema, is: 'a Region such as us-east-1' },
  /** E-mail address that receives the alarms. With null, CloudWatch shows the alarms and sends no mail. */
  alarmEmail: {
    schema: v.nullable(v.pipe(v.string(), v.email())),
    is: 'an e-mail address, or null',
    fallback: null,
  },
  /** `retain` keeps tables and logs when their stack is removed. `destroy` is for banks without real money. */
  removalPolicy: {
    schema: v.picklist(['retain', 'destroy']),
    is: '"retain" or "destroy"',
    fallback: 'retain',
  },
  /**
   * Protects tables that are retained, and their stack, from deletion. The deployment that creates them must not set it, because then
   * CloudFormation could not remove what it created if it fails; `npm run deploy` does this.
   */
  deletionProtection: { schema: v.boolean(), is: 'true or false', fallback: true },
  /** A Region raises an alarm if one call of a hundred takes longer, in milliseconds. */
  latencyBudgetMs: {
    schema: wholeNumber(1, 10_000),
    is: 'a whole number of milliseconds, 1 to 10000',
    fallback: 500,
  },
  /** Calls a second that the HTTP API of one Region accepts before it answers 429. */
  requestsPerSecond: { schema: wholeNumber(1, 10_000), is: 'a whole number, 1 to 10000', fallback: 1_000 },
  /** Calls that may come at once on top of that. */
  burstRequests: { schema: wholeNumber(1, 5_000), is: 'a whole number, 1 to 5000', fallback: 2_000 },
  /**
   * Origins of the pages that a browser lets call the bank, such as `https://shop.example`. Their requests are signed like all others, so
   * the page needs credentials of a caller.
   */
  corsOrigins: {
    schema: v.array(v.pipe(v.string(), v.check(isOrigin))),
    is: 'a list of origins such as https://shop.example',
    fallback: [],
  },
  /** Functions that may run at once in one Region, reserved for the bank. Null shares what the AWS account has. */
  reservedConcurrency: {
    schema: v.nullable(wholeNumber(1, 100_000)),
    is: 'a whole number from 1, or null',
    fallback: null,
  },
  /** Days that logs are kept, one of the numbers that CloudWatch Logs accepts. */
  logRetentionDays: {
    schema: v.picklist(LOG_RETENTION_DAYS),
    is: `one of ${LOG_RETENTION_DAYS.join(', ')}`,
    fallback: 90,
  },
  /** Puts AWS FIS's extension into the function, so that a drill can make it fail. It slows cold starts. */
  faultInjection: { schema: v.boolean(), is: 'true or false', fallback: false },
  /**
   * Keys minted before this moment (RFC 3339) are never executed, on any account. Null, except for a bank that was recovered: there it
   * replaces the watermark of accounts that the restored table does not have.
   */
  keysNotBefore: {
    schema: v.nullable(timestampSchema),
    is: 'a time such as 2026-11-22T13:00:00Z, or null',
    fallback: null,
  },
  /** Who may call. Programs can grant the same with `BankCaller`. */
  callers: { schema: callersSchema, is: 'a list of callers with their grants', fallback: [] },
} as const;

type Members = typeof MEMBERS;
type Member = keyof Members;

export type Configuration = { readonly [Name in Member]: v.InferOutput<Members[Name]['schema']> };

export const MEMBER_NAMES = Object.keys(MEMBERS) as readonly Member[];

/** What the configuration is made of, besides the context. */
export interface ConfigurationSources {
  /** `context.twinbank` of cdk.json. */
  readonly context: unknown;
  /** Single members from the command line, still as text. */
  readonly overrides?: Readonly<Partial<Record<Member, unknown>>>;
  /** Account of the credentials at hand, if there are any. */
  readonly credentialsAccount?: string | undefined;
  /** True before a deployment, which cannot do without an account; templates alone can. */
  readonly accountRequired?: boolean;
}

/** The configuration of cdk.json, for programs that the CDK's command does not run. */
export function readConfiguration(overrides: ConfigurationSources['overrides'] = {}): Configuration {
  const cdk = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  return resolveConfiguration({ context: cdk.context.twinbank, overrides });
}

/**
 * Resolves the configuration once, so that nothing after it has to doubt a value.
 *
 * Throws {@link ConfigurationError}, with one sentence that says what to change.
 */
export function resolveConfiguration(sources: ConfigurationSources): Configuration {
  const { context, overrides = {}, credentialsAccount, accountRequired = false } = sources;
  const given: Record<string, unknown> = Object(context);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(MEMBERS, name));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      'bad_value',
      `unknown option ${unknown}; the options are ${MEMBER_NAMES.join(', ')}`,
    );
  }
  const members = MEMBER_NAMES.map((name) => {
    const member = MEMBERS[name];
    const { [name]: value = 'fallback' in member ? member.fallback : undefined } = given;
    return [name, checked(name, overrides[name] === undefined ? value : fromText(name, overrides[name]))];
  });
  const configuration: Configuration = Object.fromEntries(members);
  checkRegions(configuration);
  checkGateways(configuration);
  const account = configuration.account ?? credentialsAccount ?? null;
  if (account === null && accountRequired) {
    throw new ConfigurationError(
      'missing_account',
      'account is null and there are no AWS credentials to take one from; log in to AWS, or name the account',
    );
  }
  return { ...configuration, account };
}

function checked(name: Member, value: unknown): unknown {
  const { schema, is } = MEMBERS[name];
  const result = v.safeParse(schema, value);
  if (result.success) {
    return result.output;
  }
  // A caller is a structure of its own: the message says where in it the mistake is.
  const issue = result.issues[0];
  const where = name === 'callers' ? v.getDotPath(issue) : null;
  const what = where === null ? '' : `, and ${where} is not valid: ${issue.message}`;
  const code =
    name === 'prefix' ? 'bad_prefix' : /^(regions|witness)$/.test(name) ? 'bad_region' : 'bad_value';
  throw new ConfigurationError(code, `${name} must be ${is}${what}; it is ${JSON.stringify(value)}`);
}

/** Values of the command line are text; those of the other types are written as in JSON, lists of Regions with commas. */
function fromText(name: Member, value: unknown): unknown {
  if (typeof value !== 'string') {
    return value;
  }
  if (name === 'regions') {
    return value.split(',');
  }
  if (name === 'account' || v.is(MEMBERS[name].schema, value)) {
    return value === 'null' && v.is(MEMBERS[name].schema, null) ? null : value;
  }
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function checkRegions({ regions: [first, second], witness }: Configuration): void {
  if (first === second) {
    throw new ConfigurationError(
      'regions_equal',
      `regions names ${first} twice; a bank needs two different Regions`,
    );
  }
  if (witness === first || witness === second) {
    throw new ConfigurationError(
      'witness_is_region',
      `witness ${witness} must be a third Region, not one of the two`,
    );
  }
  const without = [first, second, witness].find((region) => !STRONGLY_CONSISTENT_REGIONS.has(region));
  if (without !== undefined) {
    throw new ConfigurationError(
      'region_not_offered',
      `DynamoDB offers no strongly consistent tables in ${without}; choose from ${[...STRONGLY_CONSISTENT_REGIONS].join(', ')} (infra/aws-regions.ts)`,
    );
  }
}

/** A stage with higher limits than the quota of its Region would not keep them, or could not be deployed. */
function checkGateways({ regions, ...asked }: Configuration): void {
  for (const region of regions) {
    const quota = gatewayQuota(region);
    for (const name of ['requestsPerSecond', 'burstRequests'] as const) {
      if (asked[name] > quota[name]) {
        throw new ConfigurationError(
          'above_gateway_quota',
          `${name} is ${asked[name]}, and API Gateway in ${region} lets in ${quota[name]}; choose no more than that`,
        );
      }
    }
  }
}

/** Longest that one call of a function may run, deployed and on one machine alike. */
export const FUNCTION_TIMEOUT_MS = 10_000;

/**
 * Longest that one sweep may run, deployed and on one machine alike. It is over before the next one begins, a minute later: one at a
 * time, and no concurrency reserved for it.
 */
export const SWEEP_TIMEOUT_MS = 50_000;
