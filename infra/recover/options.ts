import { parseArgs } from 'node:util';
import * as v from 'valibot';

/** Where the books of the lost bank are. */
export type Origin = {
  readonly kind: 'table' | 'export';
  /** Names of tables, or folders of exports. */
  readonly accounts: string;
  readonly pages: string;
};

/** What the command line asks for, with nothing left open. */
export interface RecoverOptions {
  readonly origin: Origin;
  /** Prefix of the fresh bank. */
  readonly prefix: string;
  /** AWS Region that is read from and written to. */
  readonly region: string;
  readonly keysNotBefore: string;
  readonly keysNotBeforeMs: number;
  readonly progressFile: string;
  /** Takes tables without multi-Region strong consistency, for a rehearsal. */
  readonly anyTable: boolean;
  readonly json: boolean;
}

/** The command line is wrong. */
export class RecoverUsageError extends Error {
  override readonly name = 'RecoverUsageError';
  readonly code = 'usage';
}

export const USAGE = `npm run recover -- --accounts ORIGIN --pages ORIGIN --to PREFIX --region REGION
                 --keys-not-before TIME [--progress FILE] [--any-table] [--json]

  ORIGIN is table:NAME, a table that was restored, or export:FOLDER, an export to S3 in DynamoDB JSON
  that was copied to this machine. Exports are unpacked to where this machine keeps temporary files.
  --accounts, --pages         what the lost bank's two tables were restored or exported to: heads and
                              pages, of the same moment. Pages of a later moment are left out; with
                              pages of an earlier one, books are incomplete and nothing can be done
  --to PREFIX                 the fresh bank, whose tables are empty. Its table idempotency stays so:
                              replies are found in the books
  --keys-not-before TIME      as in the fresh bank's configuration, such as 2026-11-22T13:00:00Z: no key
                              from before is executed. At least 5 minutes after the last call to the
                              lost bank, which took keys that far ahead of its clock
  --progress FILE             where it notes how far it is (default recover-PREFIX.json)
  --any-table                 accept tables without multi-Region strong consistency, for a rehearsal

It may be interrupted and run again. It overwrites nothing, and goes on only in the bank that it began with.`;

/** Reads the command line. Throws {@link RecoverUsageError}. */
export function readOptions(args: readonly string[]): RecoverOptions {
  const values = parse(args);
  const prefix = required('to', values.to);
  const keysNotBefore = required('keys-not-before', values['keys-not-before']);
  if (!v.is(v.pipe(v.string(), v.isoTimestamp()), keysNotBefore)) {
    throw new RecoverUsageError(
      `--keys-not-before: ${keysNotBefore} is not a time such as 2026-11-22T13:00:00Z`,
    );
  }
  const accounts = readPlace('accounts', required('accounts', values.accounts));
  const pages = readPlace('pages', required('pages', values.pages));
  if (accounts.kind !== pages.kind) {
    throw new RecoverUsageError('--accounts and --pages are both of a table, or both of an export');
  }
  return {
    origin: { kind: accounts.kind, accounts: accounts.place, pages: pages.place },
    prefix,
    region: required('region', values.region),
    keysNotBefore,
    keysNotBeforeMs: Date.parse(keysNotBefore),
    progressFile: values.progress ?? `recover-${prefix}.json`,
    anyTable: values['any-table'],
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        accounts: { type: 'string' },
        pages: { type: 'string' },
        to: { type: 'string' },
        region: { type: 'string' },
        'keys-not-before': { type: 'string' },
        progress: { type: 'string' },
        'any-table': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new RecoverUsageError(error instanceof Error ? error.message : String(error));
  }
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') {
    throw new RecoverUsageError(`--${name} is missing`);
  }
  return value;
}

function readPlace(name: string, text: string): { kind: Origin['kind']; place: string } {
  const [, kind, place] = /^(table|export):(.+)$/.exec(text) ?? [];
  if (kind === undefined || place === undefined) {
    throw new RecoverUsageError(`--${name}: ${text} is neither table:NAME nor export:FOLDER`);
  }
  return { kind: kind as Origin['kind'], place };
}
