import * as v from 'valibot';
import * as formats from './formats.ts';

/** The schemas of the fields that requests and answers share. */

export const accountSchema = v.pipe(
  v.string(),
  formatted(formats.ACCOUNT),
  v.description(
    'Name of an account: 1 to 128 letters, digits and . _ : @ -, starting with a letter or digit.',
  ),
  v.examples(['joe']),
);

/** Upper case is accepted, as the RFC requires, and converted to lower case, because keys are compared as strings. */
export const keySchema = v.pipe(
  v.string(),
  formatted(formats.KEY),
  v.description(
    'Idempotency key: a UUIDv7 (RFC 9562). When it is first used, its timestamp is at most 5 minutes ahead of the clock of the bank and at most 30 days behind it. The bank returns it in lower case.',
  ),
  v.toLowerCase(),
);

/** Key of an entry: the key of a call, or a key that the bank made. */
export const entryKeySchema = v.pipe(
  v.string(),
  formatted(formats.ENTRY_KEY),
  v.description(
    'Key of an entry of the statement: the idempotency key of a call, or a key that the bank made.',
  ),
);

/** How long a caller still waits. The bank ignores an invalid value. */
export const timeLeftMsSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,9}$/),
  v.description('Whole milliseconds. Other values are ignored.'),
  v.examples(['2000']),
);

export const amountSchema = v.pipe(
  v.string('an amount must be a string of decimal digits'),
  formatted(formats.AMOUNT),
  v.description(
    'Amount in whole minor units, as a string of decimal digits: 1 to 999999999999999, without sign, fraction or leading zero.',
  ),
  v.transform((digits) => BigInt(digits)),
);

export const balanceSchema = v.pipe(
  v.string(),
  formatted(formats.BALANCE),
  v.description(
    'Balance in whole minor units, as a string of decimal digits. A deposit never makes more than 15 digits, but returned money can: up to 18.',
  ),
  v.transform((digits) => BigInt(digits)),
);

export const sideSchema = v.pipe(
  v.picklist(['open', 'frozen'], formats.STATUS),
  v.description('Whether money may leave an account (`debits`), or come in (`credits`).'),
);

export const referenceSchema = v.pipe(
  v.string(formats.REFERENCE.message),
  formatted(formats.REFERENCE),
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
  formatted(formats.TIMESTAMP),
  v.check(exists, formats.TIMESTAMP.message),
  v.description('A time (RFC 3339).'),
);

/** The validation of a string that must have a format. */
export function formatted({ pattern, message }: formats.Format) {
  return v.regex<string, string>(pattern, message);
}

/**
 * False for a time that does not exist. The format allows such days and hours, and `Date` takes the 30th of February for the 2nd of
 * March.
 */
function exists(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return !Number.isNaN(Date.parse(text)) && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
