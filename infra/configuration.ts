/** What a deployment may choose. It is written down once, in cdk.json under `context.twinbank`. */
export interface Configuration {
  /** Starts the name of everything that is deployed, so that two banks can share an AWS account. */
  readonly prefix: string;
  /** The two Regions where functions run and replicas live. The first one holds the stack of the tables. */
  readonly regions: readonly [string, string];
  /** Region that only votes on writes: no function runs there and no replica can be read there. */
  readonly witness: string;
}

/** Literal that tells programs what is wrong with a configuration. */
export type ConfigurationCode = 'bad_prefix' | 'bad_region' | 'regions_equal' | 'witness_is_region';

/** The configuration cannot be deployed; the message says what to change. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code: ConfigurationCode;

  constructor(code: ConfigurationCode, message: string) {
    super(`cdk.json, context.twinbank: ${message}`);
    this.code = code;
  }
}

/** Short enough that every name built on it keeps within the narrowest limit, the 64 characters of a function's name. */
const PREFIX = /^[a-z][a-z0-9-]{1,31}$/;

/** The form of a Region's name only. Which Regions may form a set is AWS's to say, and it keeps adding to them. */
const REGION = /^[a-z]{2}(-[a-z]+)+-[0-9]$/;

/** Turns the context into a configuration, once, so that nothing after it has to doubt a value. */
export function resolveConfiguration(context: unknown): Configuration {
  const { prefix, regions, witness } = Object(context) as Record<string, unknown>;
  if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
    throw new ConfigurationError(
      'bad_prefix',
      `prefix is 2 to 32 lower-case letters, digits and hyphens and starts with a letter, not ${JSON.stringify(prefix)}`,
    );
  }
  if (!Array.isArray(regions) || regions.length !== 2) {
    throw new ConfigurationError(
      'bad_region',
      `regions is a list of two Regions, not ${JSON.stringify(regions)}`,
    );
  }
  const first = region('regions[0]', regions[0]);
  const second = region('regions[1]', regions[1]);
  const third = region('witness', witness);
  if (first === second) {
    throw new ConfigurationError(
      'regions_equal',
      `regions names ${first} twice; a bank needs two different Regions`,
    );
  }
  if (third === first || third === second) {
    throw new ConfigurationError(
      'witness_is_region',
      `witness ${third} must be a third Region, not one of the two`,
    );
  }
  return { prefix, regions: [first, second], witness: third };
}

function region(name: string, value: unknown): string {
  if (typeof value !== 'string' || !REGION.test(value)) {
    throw new ConfigurationError(
      'bad_region',
      `${name} is a Region such as us-east-1, not ${JSON.stringify(value)}`,
    );
  }
  return value;
}

/** Longest that one call of a function may run, deployed and on one machine alike. */
export const FUNCTION_TIMEOUT_MS = 10_000;
