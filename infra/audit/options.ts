import { parse, program, textOption, UsageError } from '../tools/program.ts';

/** Which books are checked. */
export type AuditOptions = { readonly json: boolean } & (
  | { readonly kind: 'bank'; readonly prefix: string; readonly region: string }
  | { readonly kind: 'export'; readonly folder: string }
  /** The bank of this machine that is running on a data folder. */
  | { readonly kind: 'local'; readonly dataFolder: string }
);

interface Given {
  readonly from?: string;
  readonly fromExport?: string;
  readonly data?: string;
  readonly region?: string;
  readonly json?: boolean;
}

const DESCRIPTION = `Checks the book of every account: that its pages are there and in order, that no key is in it twice, and that it
adds up to the balance. It changes nothing, and the bank may be in use.`;

/** Reads the command line. Throws {@link UsageError}. */
export function readOptions(words: readonly string[]): AuditOptions {
  const command = program('npm run audit --', DESCRIPTION)
    .addOption(
      textOption('--from <prefix>', 'the bank, or restored tables, named PREFIX-accounts and PREFIX-pages'),
    )
    .addOption(textOption('--region <region>', 'the AWS Region that --from is read in', 'a Region'))
    .addOption(
      textOption(
        '--from-export <folder>',
        'two exports to S3 in DynamoDB JSON, of the same moment, in FOLDER/accounts and FOLDER/pages',
        'a folder',
      ),
    )
    .addOption(
      textOption('--data <folder>', 'the bank that npm start -- --data FOLDER has started', 'a folder'),
    )
    .option('--json', 'print one object a line: what was found of each account, and then the sum')
    .addHelpText(
      'after',
      '\nEnds with 0 when every book is right, with 1 when one is wrong or could not be read.',
    );
  const { from, fromExport, data, region, json = false } = parse<Given>(command, words);
  if ([from, fromExport, data].filter((each) => each !== undefined).length !== 1) {
    throw new UsageError('expected one of --from, --from-export and --data');
  }
  if (fromExport !== undefined) return { kind: 'export', folder: fromExport, json };
  if (data !== undefined) return { kind: 'local', dataFolder: data, json };
  if (from === undefined || region === undefined) throw new UsageError('--region is missing');
  return { kind: 'bank', prefix: from, region, json };
}
