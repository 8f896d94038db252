import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { tableNames } from '../names.ts';
import type { Count } from './copy.ts';
import { exportSource } from './export-source.ts';
import { type Origin, type RecoverOptions, RecoverUsageError, readOptions, USAGE } from './options.ts';
import { Progress } from './progress.ts';
import { type Carrying, type RecoveryReport, recover, type Step } from './recover.ts';
import type { Source } from './source.ts';
import { tableSource } from './table-source.ts';
import { TargetTable } from './target.ts';

/**
 * The program behind `npm run recover`: rewrites the tables of a lost bank, restored or exported, into a fresh one. A
 * restored table is an ordinary one, and only an empty table can be strongly consistent across Regions, so there is no
 * shorter way back.
 *
 * Ends with 0 when every item is there and the same, with 1 when something is wrong or it was interrupted, with 2 when
 * the command line is.
 */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** A new table takes 4,000 writes a second at first and is throttled above that, so patience is all that is needed. */
const MAX_ATTEMPTS = 12;
const REQUEST_TIMEOUT_MS = 10_000;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The pages that are being written are finished and noted; a second signal ends the process at once.
  process.once(signal, () => interruption.abort());
}

try {
  const options = readOptions(process.argv.slice(2));
  const report = await run(options);
  process.exitCode = tell(report, options);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof RecoverUsageError) {
    console.error(`\n${USAGE}`);
  }
  process.exitCode = error instanceof RecoverUsageError ? EXIT.usage : EXIT.failed;
}

async function run(options: RecoverOptions): Promise<RecoveryReport> {
  const client = createClient(options.region);
  try {
    const names = tableNames(options.prefix);
    const accounts = await carrying(options, options.accounts, {
      client,
      target: new TargetTable(client, names.accounts, ['account']),
      suffix: '',
    });
    await checkTarget(accounts, options);
    const replies =
      options.replies === undefined
        ? undefined
        : await carrying(options, options.replies, {
            client,
            target: new TargetTable(client, names.idempotency, ['account', 'key']),
            suffix: '.idempotency',
          });
    return await recover({
      accounts,
      ...(replies === undefined ? {} : { replies }),
      keysNotBeforeMs: options.keysNotBeforeMs,
      nowMs: Date.now,
      signal: interruption.signal,
      onProgress: options.json ? () => {} : showProgress,
    });
  } finally {
    client.destroy();
  }
}

async function carrying(
  { progressFile, keysNotBefore }: RecoverOptions,
  origin: Origin,
  { client, target, suffix }: { client: DynamoDBDocumentClient; target: TargetTable; suffix: string },
): Promise<Carrying> {
  const source: Source =
    origin.kind === 'table' ? tableSource(client, origin.tableName) : exportSource(origin.folder);
  const task = { source: source.name, target: target.tableName, keysNotBefore };
  if (source.name === `table:${target.tableName}`) {
    throw new RecoverUsageError(`${target.tableName} cannot be recovered into itself`);
  }
  return { source, target, progress: await Progress.open(`${progressFile}${suffix}`, task) };
}

/** Money in a table that is not strongly consistent across Regions can be paid out twice. */
async function checkTarget({ target }: Carrying, { anyTable }: RecoverOptions): Promise<void> {
  if (!anyTable && (await target.consistency()) !== 'STRONG') {
    throw new RecoverUsageError(
      `${target.tableName} has no multi-Region strong consistency, so no bank can run on it; deploy one, or rehearse with --any-table`,
    );
  }
}

function createClient(region: string): DynamoDBDocumentClient {
  // The SDK warns of each Node release that its next major version drops, in the middle of the report.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region,
      maxAttempts: MAX_ATTEMPTS,
      retryMode: 'standard',
      requestHandler: {
        connectionTimeout: 2_000,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    }),
    { unmarshallOptions: { wrapNumbers: BigInt } },
  );
}

function showProgress(step: Step, { items, faultCount }: Count): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${step}: ${items}${faultCount > 0 ? `, ${faultCount} faults` : ''}`);
  }
}

function tell(report: RecoveryReport, { prefix, keysNotBefore, json }: RecoverOptions): number {
  const { accounts, balanceMinor, replies, faults, faultCount, complete } = report;
  const exitCode = complete && faultCount === 0 ? EXIT.done : EXIT.failed;
  if (json) {
    console.log(JSON.stringify({ ...report, balanceMinor: String(balanceMinor) }));
    return exitCode;
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  for (const fault of faults) console.error(fault);
  if (faultCount > faults.length) console.error(`and ${faultCount - faults.length} more`);
  if (!complete) {
    console.error('Interrupted. Run the same command again to go on.');
  } else if (faultCount > 0) {
    console.error(`${faultCount} faults. See to them and run the same command again; do not open the bank.`);
  } else {
    console.log(
      `${accounts} accounts with ${balanceMinor} in all, and ${replies} archived replies: each is there and the same.\n` +
        `Open ${prefix} with -c keysNotBefore=${keysNotBefore}, if it is not deployed with it already.`,
    );
  }
  return exitCode;
}
