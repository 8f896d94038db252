import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Connection } from '../../../functions/dynamodb/connection.ts';
import { createStore } from '../../../functions/dynamodb/store.ts';
import { tableNames } from '../../names.ts';
import type { Books } from '../books/books.ts';
import { exportBooks } from '../books/export-books.ts';
import { createPatientClient, identityOf, tableBooks } from '../books/table-books.ts';
import { interruption, run, showProgress, toJson, UsageError } from '../program.ts';
import { COVERED } from './completion.ts';
import { RecoveryNote } from './note.ts';
import { type RecoverOptions, readOptions } from './options.ts';
import { Progress, type Task } from './progress.ts';
import { type RecoveryReport, recover, type Step } from './recover.ts';
import { TargetTable } from './target.ts';

/**
 * The program behind `npm run recover`: rewrites the books of a lost bank, restored or exported, into a fresh one. A
 * restored table is an ordinary one, and only an empty table can become strongly consistent across Regions, so the books must be copied.
 *
 * Ends with 0 when every book is there and the same, with 1 when something is wrong or it was interrupted.
 */

/** After an interruption, the books in progress are finished first. */
const signal = interruption({ once: true });

await run(async () => {
  const options = readOptions(process.argv.slice(2));
  const client = createPatientClient(options.region);
  try {
    return report(await rewrite(client, options), options);
  } finally {
    client.destroy();
  }
});

async function rewrite(client: DynamoDBClient, options: RecoverOptions): Promise<RecoveryReport> {
  const { prefix, region, keysNotBefore, keysNotBeforeMs, cover = false, json } = options;
  const names = tableNames(prefix);
  const accounts = new TargetTable(client, names.accounts);
  const pages = new TargetTable(client, names.pages);
  const idempotency = new TargetTable(client, names.idempotency);
  await checkTargets([accounts, pages], options);
  await using lost = await open(client, options);
  const task = {
    source: lost.name,
    region,
    accounts: await identityOf(client, names.accounts),
    pages: await identityOf(client, names.pages),
    keysNotBefore,
  };
  const note = new RecoveryNote(client, names.idempotency, task);
  const progress = await progressOf(task, [accounts, pages, idempotency], note, options);
  const report = await recover({
    lost,
    fresh: await tableBooks(client, names),
    store: createStore(new Connection(client), names, Date.now),
    accounts,
    pages,
    progress,
    keysNotBeforeMs,
    cover,
    signal,
    onProgress: json ? () => {} : (step, found) => showProgress(formatProgress(step, found)),
  });
  if (isRight(report)) {
    await note.complete();
  }
  return report;
}

async function open(client: DynamoDBClient, { origin, prefix }: RecoverOptions): Promise<Books> {
  if (origin.kind === 'export') {
    return await exportBooks(origin);
  }
  const names = tableNames(prefix);
  for (const table of ['accounts', 'pages'] as const) {
    if (origin[table] === names[table]) {
      throw new UsageError(`${names[table]} cannot be recovered into itself`);
    }
  }
  return await tableBooks(client, origin);
}

/** Money in a table that is not strongly consistent across Regions can be paid out twice. */
async function checkTargets(targets: readonly TargetTable[], { anyTable }: RecoverOptions): Promise<void> {
  for (const target of targets) {
    if (anyTable !== true && !(await target.isStrong())) {
      throw new UsageError(
        `${target.tableName} has no multi-Region strong consistency, so no bank can run on it; deploy one, or rehearse with --any-table`,
      );
    }
  }
}

/**
 * A new recovery needs empty tables: those of a bank in use must not get another bank's books, and a cached reply of another bank
 * would be returned as this one's.
 */
async function progressOf(
  task: Task,
  targets: readonly TargetTable[],
  note: RecoveryNote,
  { progressFile }: RecoverOptions,
): Promise<Progress> {
  const progress = await Progress.open(progressFile, task);
  if (progress !== undefined) {
    return progress;
  }
  for (const target of targets) {
    if (!(await target.isEmpty())) {
      throw new UsageError(
        `${target.tableName} is not empty, and ${progressFile} does not say that this recovery began with it; deploy a fresh bank`,
      );
    }
  }
  await note.begin();
  return await Progress.begin(progressFile, task);
}

function isRight({ complete, faultCount }: RecoveryReport): boolean {
  return complete && faultCount === 0;
}

function formatProgress(step: Step, { accounts, faultCount }: Readonly<RecoveryReport>): string {
  return `${step}: ${accounts}${faultCount > 0 ? `, ${faultCount} faults` : ''}`;
}

function report(found: RecoveryReport, { prefix, keysNotBefore, json }: RecoverOptions): number {
  const { accounts, entries, pages, balanceMinor, heldMinor, faults, faultCount, complete } = found;
  const exitCode = isRight(found) ? 0 : 1;
  if (json) {
    console.log(toJson(found));
    return exitCode;
  }
  showProgress('');
  for (const fault of faults) {
    console.error(fault);
  }
  if (faultCount > faults.length) {
    console.error(`and ${faultCount - faults.length} more`);
  }
  for (const moment of momentsOf(found)) {
    console.error(moment);
  }
  if (!complete) {
    console.error('Interrupted. Run the same command again to continue.');
  } else if (faultCount > 0) {
    console.error(`${faultCount} faults. Correct them and run the same command again. Do not open the bank.`);
  } else {
    console.log(
      `${accounts} accounts with ${balanceMinor} in all (held ${heldMinor}), ${entries} entries and ${pages} pages: all are there and correct.\n` +
        transfersOf(found) +
        `Deploy ${prefix} with -c keysNotBefore=${keysNotBefore}, unless it is deployed with it already.`,
    );
  }
  return exitCode;
}

/** What the recovery did to complete transfers, in words. */
function transfersOf(report: RecoveryReport): string {
  const { underWay, covered, coveredMinor } = report;
  const words = {
    credited: 'credited',
    refused: 'refused',
    paid: 'paid',
    reserved: 'refunds counted again',
    unreserved: 'refunds not counted any more',
  } as const;
  const done = (Object.keys(words) as (keyof typeof words)[])
    .filter((name) => report[name] > 0)
    .map((name) => `${report[name]} ${words[name]}`);
  return [
    done.length > 0 ? `Completed transfers and refunds: ${done.join(', ')}.\n` : '',
    covered > 0
      ? `${covered} payers had too little and got ${coveredMinor}: deposits with the reference "${COVERED}".\n`
      : '',
    underWay > 0
      ? `${underWay} transfers and refunds are under way: the sweep ends them once the bank is open.\n`
      : '',
  ].join('');
}

/** What the report says if the two tables are of different moments. */
function momentsOf({ leftOut, pagesLater, pagesEarlier }: RecoveryReport): readonly string[] {
  const different = 'The two tables are of different moments:';
  return [
    pagesLater > 0
      ? `${different} of ${pagesLater} accounts, pages are later than the head. The bank is that of the accounts' moment; ${leftOut} pages were left out.`
      : '',
    pagesEarlier > 0
      ? `${different} of ${pagesEarlier} accounts, pages are earlier than the head, and entries are missing. Restore pages to the moment of accounts, or to a later one.`
      : '',
  ].filter((line) => line !== '');
}
