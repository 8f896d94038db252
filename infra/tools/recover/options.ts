import * as v from 'valibot';
import { parse, program, textOption, UsageError, valueOption } from '../program.ts';

/** A table by its name, or a folder with an export. */
interface Origin {
  readonly kind: 'table' | 'export';
  readonly name: string;
}

interface Given {
  readonly accounts: Origin;
  readonly pages: Origin;
  readonly to: string;
  /** AWS Region that is read from and written to. */
  readonly region: string;
  readonly keysNotBefore: string;
  readonly progress?: string;
  /** Takes tables without multi-Region strong consistency, for a rehearsal. */
  readonly anyTable?: true;
  readonly cover?: true;
  readonly json?: true;
}

/** What the command line asks for. */
export interface RecoverOptions extends Omit<Given, 'accounts' | 'pages' | 'to' | 'progress'> {
  /** Where the books of the lost bank are: names of tables, or folders of exports. */
  readonly origin: { readonly kind: Origin['kind']; readonly accounts: string; readonly pages: string };
  /** Prefix of the fresh bank. */
  readonly prefix: string;
  readonly keysNotBeforeMs: number;
  readonly progressFile: string;
}

const AFTER = `
ORIGIN is table:NAME, a table that was restored, or export:FOLDER, an export to S3 in DynamoDB JSON that was copied to
this machine. Exports are unpacked to where this machine keeps temporary files. Heads and pages are of the same moment:
pages of a later moment are left out; with pages of an earlier one, books are incomplete and nothing can be done.

The fresh bank's tables are empty, and its table idempotency stays so: replies are found in the books.

The time is the one in the fresh bank's configuration: no key from before is executed. It is at least 5 minutes after
the last call to the lost bank, which accepted keys that far ahead of its clock.

Last, it completes transfers of which one book knows more than the other, because the items of a restored table are not
of one moment. Where a payer cannot pay any more what the payee has got, it says so, and --cover deposits the difference.

It may be interrupted and run again. It overwrites nothing, and goes on only in the bank that it began with.`;

/** Reads the command line. Throws {@link UsageError}. */
export function readOptions(words: readonly string[]): RecoverOptions {
  const origin = (flag: string, what: string) =>
    valueOption(`${flag} <origin>`, what, 'table:NAME or export:FOLDER', originOf).makeOptionMandatory();
  const command = program('npm run recover --', 'Rewrites the books of a lost bank into a fresh one.')
    .addOption(origin('--accounts', "the lost bank's heads"))
    .addOption(origin('--pages', "the lost bank's pages"))
    .addOption(textOption('--to <prefix>', 'the fresh bank').makeOptionMandatory())
    .addOption(textOption('--region <region>', 'the AWS Region of both', 'a Region').makeOptionMandatory())
    .addOption(
      valueOption(
        '--keys-not-before <time>',
        'as in the fresh bank',
        'a time such as 2026-11-22T13:00:00Z',
        timeOf,
      ).makeOptionMandatory(),
    )
    .addOption(
      textOption('--progress <file>', 'where it notes how far it is (recover-PREFIX.json)', 'a file'),
    )
    .option('--any-table', 'accept tables without multi-Region strong consistency, for a rehearsal')
    .option('--cover', 'deposit what payers lack for transfers that only the payee has')
    .option('--json', 'print the report as one JSON object')
    .addHelpText('after', AFTER);
  const { accounts, pages, to: prefix, progress, ...given } = parse<Given>(command, words);
  if (accounts.kind !== pages.kind) {
    throw new UsageError('--accounts and --pages: expected two tables or two exports');
  }
  return {
    ...given,
    prefix,
    origin: { kind: accounts.kind, accounts: accounts.name, pages: pages.name },
    keysNotBeforeMs: Date.parse(given.keysNotBefore),
    progressFile: progress ?? `recover-${prefix}.json`,
  };
}

function originOf(text: string): Origin | undefined {
  const [, kind, name] = /^(table|export):(.+)$/.exec(text) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind as Origin['kind'], name };
}

function timeOf(text: string): string | undefined {
  return v.is(v.pipe(v.string(), v.isoTimestamp()), text) ? text : undefined;
}
