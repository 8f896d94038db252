import type { Context } from 'aws-lambda';
import { createClient } from './dynamodb/client.ts';
import { createCloudFormation, findUnprotected } from './dynamodb/protection.ts';
import { environment } from './environment.ts';
import { createLog } from './log.ts';

/**
 * The scheduled function that checks whether this Region's tables, or their stack, can be deleted by mistake. It fails if they can. Its
 * alarm watches failures, so it also rings if the check cannot be made. It rings if the check does not run, too.
 *
 * Environment: `AWS_REGION` (set by Lambda), `BANK`, `ACCOUNTS_TABLE`, `PAGES_TABLE`, `IDEMPOTENCY_TABLE`, and `TABLES_STACK` in the Region
 * that has the stack.
 */
const { info } = createLog('protection', Date.now);
const bank = environment('BANK');
const region = environment('AWS_REGION');
const parts = {
  dynamodb: createClient({ region }),
  cloudformation: createCloudFormation(region),
  tables: [environment('ACCOUNTS_TABLE'), environment('PAGES_TABLE'), environment('IDEMPOTENCY_TABLE')],
  stack: process.env['TABLES_STACK'] ?? null,
};

/** Time that is kept back to report the result, in milliseconds. */
const RESERVE_MS = 1_000;

export async function handler(
  _event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MS));
  const off = await findUnprotected(parts, signal);
  if (off.length > 0) {
    throw new Error(`off in ${region}: ${off.join(', ')}; \`npm run deploy\` switches them on`);
  }
  info('protected', { bank, tables: parts.tables, stack: parts.stack });
}
