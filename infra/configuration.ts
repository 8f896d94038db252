import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { gatewayQuota, STRONGLY_CONSISTENT_REGIONS } from './aws-regions.ts';
import { type CallerGrants, callersSchema } from './grants.ts';

/**
 * What a deployment may choose. It is written down once, in cdk.json under `context.twinbank`; each member can be
 * overridden by its name for one command: `npx cdk deploy --all -c prefix=staging -c regions=eu-west-1,eu-central-1`.
 */
export interface Configuration {
  /** Starts the name of everything that is deployed, so that two banks can share an AWS account. */
  readonly prefix: string;
  /** AWS account to deploy to. Null takes that of the credentials, and templates that fit any account without them. */
  readonly account: string | null;
  /** The two Regions where functions run and replicas live. The first one holds the stack of the tables. */
  readonly regions: readonly [string, string];
  /** Region that only votes on writes: no function runs there and no replica can be read there. */
  readonly witness: string;
  /** E-mail address that receives the alarms. With null, CloudWatch shows the alarms and sends no mail. */
  readonly alarmEmail: string | null;
  /** `retain` keeps tables and logs when their stack is removed. `destroy` is for banks without anybody's money. */
  readonly removalPolicy: 'retain' | 'destroy';
  /**
   * Keeps tables that are retained, and their stack, from being deleted at all. A deployment that creates them must do
   * without it, because it would keep what has failed as well; `npm run deploy` sees to that.
   */
  readonly deletionProtection: boolean;
  /** Latency of the 99th percentile, in milliseconds, above which a Region raises an alarm. */
  readonly latencyBudgetMs: number;
  /** Calls a second that the HTTP API of one Region lets in before it answers 429. */
  readonly requestsPerSecond: number;
  /** Calls that may come at once on top of that. */
  readonly burstRequests: number;
  /**
   * Origins of the pages that a browser lets call the bank, such as `https://shop.example`. Their requests are signed like all others, so
   * the page needs credentials of a caller.
   */
  readonly corsOrigins: readonly string[];
  /** Functions that may run at once in one Region, kept free for the bank. Null shares what the AWS account has. */
  readonly reservedConcurrency: number | null;
  /** Days that logs are kept, one of the numbers that CloudWatch Logs knows. */
  readonly logRetentionDays: number;
  /** Puts AWS FIS's extension into the function, so that a drill can make it fail. Slows cold starts; off by default. */
  readonly faultInjection: boolean;
  /**
   * Keys minted before this moment (ISO 8601) are never executed, on any account. Null, but for a bank that was restored:
   * there it stands for the watermark of accounts that the restored table has never heard of.
   */
  readonly keysNotBefore: string | null;
  /** Who may call, as far as it is written down here; programs can do the same with `BankCaller`. */
  readonly callers: readonly CallerGrants[];
}

/** Literal that tells programs what is wrong with a configuration. */
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

/** Retentions that CloudWatch Logs knows, in days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** A Region's name; whether the bank can live there is asked afterwards, to be told in a sentence of its own. */
const regionSchema = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-[0-9]$/));

function wholeNumber(from: number, to: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(from), v.maxValue(to));
}

/** True for the origin of one site. API Gateway would take `https://*` as well, and let in any page. */
function isOrigin(text: string): boolean {
  return !text.includes('*') && URL.canParse(text) && new URL(text).origin === text;
}

/** What applies where cdk.json says nothing. Where the bank lives and what it is called has to be said. */
const DEFAULTS = {
  account: null,
  alarmEmail: null,
  removalPolicy: 'retain',
  deletionProtection: true,
  latencyBudgetMs: 500,
  requestsPerSecond: 1_000,
  burstRequests: 2_000,
  corsOrigins: [],
  reservedConcurrency: null,
  logRetentionDays: 90,
  faultInjection: false,
  keysNotBefore: null,
  callers: [],
} as const satisfies Partial<Configuration>;

/** What each member must be, in the words of the error message. */
const MEMBERS = {
  prefix: {
    // Short enough that every name built on it keeps within the narrowest limit, the 64 characters of a function's name.
    schema: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{1,31}$/)),
    is: '2 to 32 lower-case letters, digits and hyphens and starts with a letter',
  },
  account: {
    schema: v.nullable(v.pipe(v.string(), v.regex(/^\d{12}$/))),
    is: '12 digits in quotes, or null',
  },
  regions: { schema: v.strictTuple([regionSchema, regionSchema]), is: 'a list of two Regions' },
  witness: { schema: regionSchema, is: 'a Region such as us-east-1' },
  alarmEmail: { schema: v.nullable(v.pipe(v.string(), v.email())), is: 'an e-mail address, or null' },
  removalPolicy: { schema: v.picklist(['retain', 'destroy']), is: '"retain" or "destroy"' },
  deletionProtection: { schema: v.boolean(), is: 'true or false' },
  latencyBudgetMs: { schema: wholeNumber(1, 10_000), is: 'a whole number of milliseconds, 1 to 10000' },
  requestsPerSecond: { schema: wholeNumber(1, 10_000), is: 'a whole number, 1 to 10000' },
  burstRequests: { schema: wholeNumber(1, 5_000), is: 'a whole number, 1 to 5000' },
  corsOrigins: {
    schema: v.array(v.pipe(v.string(), v.check(isOrigin))),
    is: 'a list of origins such as https://shop.example',
  },
  reservedConcurrency: { schema: v.nullable(wholeNumber(1, 100_000)), is: 'a whole number from 1, or null' },
  logRetentionDays: { schema: v.picklist(LOG_RETENTION_DAYS), is: `one of ${LOG_RETENTION_DAYS.join(', ')}` },
  faultInjection: { schema: v.boolean(), is: 'true or false' },
  keysNotBefore: {
    schema: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
    is: 'a time such as 2026-11-22T13:00:00Z, or null',
  },
  callers: { schema: callersSchema, is: 'a list of callers with their grants' },
} as const satisfies Record<keyof Configuration, { schema: v.GenericSchema; is: string }>;

type Member = keyof typeof MEMBERS;

/** Every name that a configuration has a value for. */
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
  const given: Record<string, unknown> = { ...DEFAULTS, ...Object(context) };
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(MEMBERS, name));
  if (unknown !== undefined) {
    throw new ConfigurationError('bad_value', `there is no ${unknown}, only ${MEMBER_NAMES.join(', ')}`);
  }
  const members = MEMBER_NAMES.map((name) => {
    const value = overrides[name] === undefined ? given[name] : fromText(name, overrides[name]);
    return [name, checked(name, value)] as const;
  });
  const configuration = Object.fromEntries(members) as unknown as Configuration;
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
  // A caller is a structure of its own, and "a list of callers" would not tell where in it the mistake is.
  const issue = result.issues[0];
  const where = name === 'callers' ? v.getDotPath(issue) : null;
  const what = where === null ? '' : `, and ${where} is not valid: ${issue.message}`;
  throw new ConfigurationError(codeOf(name), `${name} is ${is}${what}, not ${JSON.stringify(value)}`);
}

function codeOf(name: Member): ConfigurationCode {
  switch (name) {
    case 'prefix':
      return 'bad_prefix';
    case 'regions':
    case 'witness':
      return 'bad_region';
    default:
      return 'bad_value';
  }
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
    return value === 'null' ? null : value;
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

/** A stage that promises more than its Region has would promise it in vain, or fail to deploy. */
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
