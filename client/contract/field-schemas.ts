import * as v from 'valibot';
import {
  ACCOUNT,
  AMOUNT,
  BALANCE,
  ENTRY_KEY,
  type Format,
  KEY,
  REFERENCE,
  STATUS,
  TIMESTAMP,
} from './formats.ts';

/** The schemas of the fields that requests and answers share. */

export const accountSchema = v.pipe(
  v.string(),
  formatted(ACCOUNT),
  v.description(
    'Name of an account: 1 to 128 letters, digits and . _ : @ -, starting with a letter or digit.',
  ),
  v.examples(['joe']),
);

/** Upper case is accepted as the RFC asks and brought to lower case, because keys are compared as strings to tell older from newer. */
export const keySchema = v.pipe(
  v.string(),
  formatted(KEY),
  v.description(
    'Idempotency key: a UUIDv7 (RFC 9562). When it is first used, its timestamp is at most 5 minutes ahead of the clock of the bank and at most 30 days behind it. The bank returns it in lower case.',
  ),
  v.toLowerCase(),
);

/** Key of an entry: of a call, or one that the bank made. */
export const entryKeySchema = v.pipe(
  v.string(),
  formatted(ENTRY_KEY),
  v.description(
    'Key of an entry of the statement: the idempotency key of a call, or a key that the bank made.',
  ),
);

/** The time that a caller will still wait. The bank ignores what is not valid. */
export const timeLeftMsSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,9}$/),
  v.description('Whole milliseconds. Other values are ignored.'),
  v.examples(['2000']),
);

export const amountSchema = v.pipe(
  v.string('an amount must be a string of decimal digits'),
  formatted(AMOUNT),
  v.description(
    'Amount in whole minor units, as a string of decimal digits: 1 to 999999999999999, without sign, fraction or leading zero.',
  ),
  v.transform((digits) => BigInt(digits)),
);

export const balanceSchema = v.pipe(
  v.string(),
  formatted(BALANCE),
  v.description(
    'Balance in whole minor units, as a string of decimal digits. No deposit makes a balance of more than 15 digits, but a balance may have up to 18.',
  ),
  v.transform((digits) => BigInt(digits)),
);

export const sideSchema = v.pipe(
  v.picklist(['open', 'frozen'], STATUS),
  v.description('Whether money may leave an account (`debits`), or come in (`credits`).'),
);

export const referenceSchema = v.pipe(
  v.string(REFERENCE.message),
  formatted(REFERENCE),
  v.description(
    "The caller's own text for a call, which the statement shows: 1 to 64 printable ASCII characters.",
  ),
);

export const sequenceSchema = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(1),
  v.description(
    'Number of an entry in the book of its account. The first entry has 1, and there are no gaps.',
  ),
);

export const timestampSchema = v.pipe(
  v.string(),
  formatted(TIMESTAMP),
  v.check(exists, TIMESTAMP.message),
  v.description('A time (RFC 3339).'),
);

/** The schema of a string that has a format. */
export function formatted({ pattern, message }: Format) {
  return v.regex<string, string>(pattern, message);
}

/** The format admits days and hours that do not exist, and `Date` takes the 30th of February for the 2nd of March. */
function exists(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return !Number.isNaN(Date.parse(text)) && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
