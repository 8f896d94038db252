import * as v from 'valibot';
import { timestampSchema } from '../../../client/contract/field-schemas.ts';
import { parse, program, regionOption, textOption, UsageError, valueOption } from '../program.ts';

/** A table by its name, or a folder with an export. */
interface Origin {
  readonly kind: 'table' | 'export';
  readonly name: string;
}

interface ParsedOptions {
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
export interface RecoverOptions extends Omit<ParsedOptions, 'accounts' | 'pages' | 'to' | 'progress'> {
  /** Where the books of the lost bank are: names of tables, or folders of exports. */
  readonly origin: { readonly kind: Origin['kind']; readonly accounts: string; readonly pages: string };
  /** Prefix of the fresh bank. */
  readonly prefix: string;
  readonly keysNotBeforeMs: number;
  readonly progressFile: string;
}

const AFTER = `
ORIGIN is table:NAME, a table that was restored, or export:FOLDER, an export to S3 in DynamoDB JSON that was copied to
this machine. Exports are unpacked into the folder for temporary files. Restore heads and pages to the same moment: later
pages are left out (without a head they are a fault: remove them), but with earlier pages the books are incomplete, and
the recovery cannot complete them.

The tables of the fresh bank must be empty. The table idempotency gets no replies, because the books have them, but a note
by which npm run deploy knows that the bank is a recovered one.

--keys-not-before is the time in the fresh bank's configuration, which executes no key from before it. Choose it at least
5 minutes after the last call to the lost bank, which accepted keys that far ahead of its clock.

Finally it completes transfers that only one of the two books contains, because a restored table is not a snapshot of one
instant. It reports each payer whose balance is too small for what the payee got; --cover deposits the difference.

You can interrupt it and run it again. It overwrites nothing, and continues only in the bank that it began with.`;

const DAY_MS = 86_400_000;

/** Reads the command line. Throws {@link UsageError}. */
export function readOptions(words: readonly string[], nowMs = Date.now()): RecoverOptions {
  const origin = (flag: string, what: string) =>
    valueOption(`${flag} <origin>`, what, 'table:NAME or export:FOLDER', originOf).makeOptionMandatory();
  const command = program('npm run recover --', 'Rewrites the books of a lost bank into a fresh one.')
    .addOption(origin('--accounts', "the lost bank's heads"))
    .addOption(origin('--pages', "the lost bank's pages"))
    .addOption(textOption('--to <prefix>', 'the fresh bank').makeOptionMandatory())
    .addOption(regionOption('the AWS Region of both').makeOptionMandatory())
    .addOption(
      valueOption(
        '--keys-not-before <time>',
        'the keysNotBefore of the fresh bank',
        'a time such as 2026-11-22T13:00:00Z',
        timeOf,
      ).makeOptionMandatory(),
    )
    .addOption(textOption('--progress <file>', 'file for its progress (recover-PREFIX.json)', 'a file'))
    .option('--any-table', 'accept tables without multi-Region strong consistency, for a rehearsal')
    .option('--cover', 'deposit what payers lack for transfers that only the payee has')
    .option('--json', 'print the report as one JSON object')
    .addHelpText('after', AFTER);
  const { accounts, pages, to: prefix, progress, ...given } = parse<ParsedOptions>(command, words);
  if (accounts.kind !== pages.kind) {
    throw new UsageError('--accounts and --pages: expected two tables or two exports');
  }
  const keysNotBeforeMs = Date.parse(given.keysNotBefore);
  if (keysNotBeforeMs > nowMs + DAY_MS) {
    const refuses = 'Until then the fresh bank would refuse every call.';
    throw new UsageError(`--keys-not-before: ${given.keysNotBefore} is more than a day ahead. ${refuses}`);
  }
  return {
    ...given,
    prefix,
    origin: { kind: accounts.kind, accounts: accounts.name, pages: pages.name },
    keysNotBeforeMs,
    progressFile: progress ?? `recover-${prefix}.json`,
  };
}

function originOf(text: string): Origin | undefined {
  const [, kind, name] = /^(table|export):(.+)$/.exec(text) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind as Origin['kind'], name };
}

function timeOf(text: string): string | undefined {
  return v.is(timestampSchema, text) ? text : undefined;
}
