import { parseArgs } from 'node:util';

/** Which books are checked. */
export type AuditOptions = { readonly json: boolean } & (
  | { readonly kind: 'bank'; readonly prefix: string; readonly region: string }
  | { readonly kind: 'export'; readonly folder: string }
  /** The bank of this machine that is running on a data folder. */
  | { readonly kind: 'local'; readonly dataFolder: string }
);

/** The command line is wrong. */
export class AuditUsageError extends Error {
  override readonly name = 'AuditUsageError';
  readonly code = 'usage';
}

export const USAGE = `npm run audit -- --from PREFIX --region REGION [--json]
npm run audit -- --from-export FOLDER [--json]
npm run audit -- --data FOLDER [--json]

  Checks the book of every account: that its pages are there and in order, that no key is in it twice, and that it
  adds up to the balance. It changes nothing, and the bank may be in use.

  --from PREFIX         the bank whose tables begin with it, as one Region reads them; or restored tables
                        that are named PREFIX-accounts and PREFIX-pages
  --from-export FOLDER  two exports to S3 in DynamoDB JSON, of the same moment, copied to FOLDER/accounts
                        and FOLDER/pages, and unpacked to where this machine keeps temporary files
  --data FOLDER         the bank of this machine that npm start -- --data FOLDER has started
  --json                one object a line: what was found of each account, and the sum of it at last

It ends with 0 when every book is right, with 1 when one is wrong or it could not look at all of them.`;

/** Reads the command line. Throws {@link AuditUsageError}. */
export function readOptions(args: readonly string[]): AuditOptions {
  const { from: prefix, region, json, 'from-export': folder, data: dataFolder } = parse(args);
  if ([prefix, folder, dataFolder].filter((given) => given !== undefined && given !== '').length !== 1) {
    throw new AuditUsageError('one of --from, --from-export and --data is needed');
  }
  if (folder) return { kind: 'export', folder, json };
  if (dataFolder) return { kind: 'local', dataFolder, json };
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
        data: { type: 'string' },
        region: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new AuditUsageError(error instanceof Error ? error.message : String(error));
  }
}
