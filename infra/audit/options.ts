import { parseArgs } from 'node:util';

/** Which books are checked. */
export type AuditOptions = { readonly json: boolean } & (
  | { readonly kind: 'bank'; readonly prefix: string; readonly region: string }
  | { readonly kind: 'export'; readonly folder: string }
);

/** The command line is wrong. */
export class AuditUsageError extends Error {
  override readonly name = 'AuditUsageError';
  readonly code = 'usage';
}

export const USAGE = `npm run audit -- --from PREFIX --region REGION [--json]
npm run audit -- --from-export FOLDER [--json]

  Checks the book of every account: that its pages are there and in order, that no key is in it twice, and that it
  adds up to the balance. It changes nothing, and the bank may be in use.

  --from PREFIX         the bank whose tables begin with it, as one Region reads them; or restored tables
                        that are named PREFIX-accounts and PREFIX-pages
  --from-export FOLDER  two exports to S3 in DynamoDB JSON, of the same moment, copied to FOLDER/accounts
                        and FOLDER/pages, and unpacked to where this machine keeps temporary files
  --json                one object a line: what was found of each account, and the sum of it at last

It ends with 0 when every book is right, with 1 when one is wrong or it could not look at all of them.`;

/** Reads the command line. Throws {@link AuditUsageError}. */
export function readOptions(args: readonly string[]): AuditOptions {
  const { from: prefix, region, json, 'from-export': folder } = parse(args);
  if ((prefix ?? '') === '' ? (folder ?? '') === '' : folder !== undefined) {
    throw new AuditUsageError('either --from or --from-export is needed');
  }
  if (folder !== undefined) return { kind: 'export', folder, json };
  if (region === undefined || region === '') throw new AuditUsageError('--region is missing');
  return { kind: 'bank', prefix: String(prefix), region, json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        'from-export': { type: 'string' },
        region: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new AuditUsageError(error instanceof Error ? error.message : String(error));
  }
}
