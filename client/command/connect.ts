import type { BankClientOptions } from '../options.ts';
import type { Common } from './arguments.ts';
import { openCredentials, signingOf } from './credentials.ts';
import type { CommandProcess } from './process.ts';

/** What every client of the command is made with. */
export type Connection = Pick<BankClientOptions, 'endpoints' | 'credentials' | 'environment'>;

/** Finds out how to reach the bank. Throws {@link NoCredentialsError} when requests cannot be signed. */
export async function connect(
  { endpoints, timeoutMs }: Pick<Common, 'endpoints' | 'timeoutMs'>,
  { environment, loadChain, signal, world }: CommandProcess,
): Promise<Connection> {
  const signing = signingOf(endpoints, environment);
  const credentials = await openCredentials(signing, { loadChain, timeoutMs, signal });
  return { endpoints, environment: world, ...(credentials === undefined ? {} : { credentials }) };
}
