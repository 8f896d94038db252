import { startContainer } from './container.ts';
import type { DynamoDB, StartDynamoDBOptions } from './database.ts';
import { LocalBankError } from './errors.ts';
import { hasJava, startJar } from './jar.ts';

/** A busy machine takes more than a minute to start Java in a container. */
const START_TIMEOUT_MS = 120_000;

/**
 * Starts the first DynamoDB that this machine can offer: one that is running already, a container where an engine
 * answers, Amazon's jar where there is Java.
 */
export async function startDynamoDB(options: StartDynamoDBOptions): Promise<DynamoDB> {
  const { DYNAMODB_ENDPOINT: endpoint, DYNAMODB_LOCAL: wanted } = process.env;
  if (endpoint) {
    const description = `the one at ${endpoint} (from DYNAMODB_ENDPOINT)`;
    return { endpoint, description, pid: null, onLost: () => {}, stop: () => Promise.resolve() };
  }
  if (wanted && wanted !== 'container' && wanted !== 'jar') {
    throw new LocalBankError('bad_argument', `DYNAMODB_LOCAL is "container" or "jar", not "${wanted}".`);
  }

  if (wanted !== 'jar') {
    const container = await startContainer(options, START_TIMEOUT_MS);
    if (container !== null) {
      return container;
    }
    if (wanted === 'container') {
      throw new LocalBankError(
        'no_engine',
        'No container engine answers, but DYNAMODB_LOCAL is set to container.',
      );
    }
  }
  if (await hasJava()) {
    return startJar(options, START_TIMEOUT_MS);
  }
  throw wanted === 'jar'
    ? new LocalBankError(
        'no_java',
        'Java is not installed, but DYNAMODB_LOCAL is set to jar: install Java 8 or later.',
      )
    : new LocalBankError(
        'no_engine_no_java',
        'No container engine answers, and Java is not installed: start Docker or Podman, or install Java 8 or later.',
      );
}
