/**
 * Limits of the API and the formats of its strings. This file imports nothing, because web pages load it: the schemas in `schemas.ts` need a
 * library that is more than half as large as the client.
 */

/**
 * Largest amount, and largest balance after a deposit or a credit, in minor units: 15 decimal digits, exact in every JSON and SQL number type.
 */
export const MAX_AMOUNT_MINOR = 999_999_999_999_999n;

/** Longest reference of a call, in characters. */
export const MAX_REFERENCE_LENGTH = 64;

/** Maximum number of entries or accounts in one answer, and the default. */
export const MAX_LIMIT = 100;
export const DEFAULT_LIMIT = 50;

/** Longest time until a hold expires, 30 days, and the default, 7 days, in seconds. */
export const MAX_EXPIRES_IN_SECONDS = 2_592_000;
export const DEFAULT_EXPIRES_IN_SECONDS = 604_800;

/** The message for another number of seconds. */
export const EXPIRES_IN_SECONDS = `expiresInSeconds must be a whole number from 1 to ${MAX_EXPIRES_IN_SECONDS}`;

/** The message for a transfer whose payer is also its payee. */
export const TRANSFER_TO_ITSELF = 'an account cannot transfer money to itself';

/** The message for a change of status that names neither side, or gives one another value. */
export const STATUS = 'debits and credits must be "open" or "frozen", and at least one of them must be given';

/** Maximum number of open holds of an account, and of its transfers and refunds under way. */
export const MAX_OPEN_HOLDS = 100;
export const MAX_OPEN_TRANSFERS = 100;

/** Maximum number of calls in a batch. */
export const MAX_BATCH_CALLS = 25;

/** The messages for another number of calls, and for calls that share a key. */
export const BATCH_CALLS = `a batch must have 1 to ${MAX_BATCH_CALLS} calls, each a deposit or a withdrawal`;
export const BATCH_KEYS = 'the calls of a batch must have different keys';

/** The format of a string, and the message for every other string. */
export interface Format {
  readonly pattern: RegExp;
  readonly message: string;
}

/** The name of an account: 1 to 128 characters that need no escaping in a path, a log line or a policy. */
export const ACCOUNT: Format = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
  message:
    'an account name must have 1 to 128 letters, digits and . _ : @ -, and start with a letter or digit',
};

/**
 * An idempotency key: a UUIDv7 (RFC 9562). Upper case is accepted, as the RFC requires; keys are compared in lower case. The pattern names
 * both cases, because a JSON Schema has no flags for patterns.
 */
export const KEY: Format = {
  pattern: /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$/,
  message: 'an idempotency key must be a UUIDv7 (RFC 9562)',
};

/** The key of an entry: the key of its call, or a key that the bank made. Always in lower case. */
export const ENTRY_KEY: Format = {
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  message: 'the key of an entry must be a UUID in lower case',
};

/** An amount: whole minor units as decimal digits, no sign, no leading zero. */
export const AMOUNT: Format = {
  pattern: /^[1-9][0-9]{0,14}$/,
  message: 'an amount must be 1 to 15 decimal digits, without sign, fraction or leading zero',
};

/**
 * A balance: like an amount, but it may be zero. A deposit never makes more than 15 digits, but returned money is never refused, so a
 * balance may have up to 18.
 */
export const BALANCE: Format = {
  pattern: /^(0|[1-9][0-9]{0,17})$/,
  message: 'a balance must be 1 to 18 decimal digits',
};

/** What an entry added to a balance or to held money: like a balance, with a minus sign if it took money. */
export const CHANGE: Format = {
  pattern: /^(0|-?[1-9][0-9]{0,17})$/,
  message: 'a change must be 1 to 18 decimal digits, with a minus sign if money was taken',
};

/** A time (RFC 3339), with its offset from UTC. */
export const TIMESTAMP: Format = {
  pattern:
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$/,
  message: 'a time must look like 2026-11-27T13:00:00Z (RFC 3339)',
};

/** The caller's own text for a call, which the statement shows. */
export const REFERENCE: Format = {
  pattern: /^[\x20-\x7e]{1,64}$/,
  message: `a reference must have 1 to ${MAX_REFERENCE_LENGTH} printable ASCII characters`,
};

/** The number of an entry, in a query; 0 means before the first entry. */
export const SEQUENCE: Format = {
  pattern: /^(0|[1-9][0-9]{0,14})$/,
  message: 'the number of an entry must be a whole number without a sign',
};

/** Where a part of the list of accounts begins, in a query: after an account, or at a place that an answer gave. */
export const AFTER: Format = {
  pattern: /^([A-Za-z0-9][A-Za-z0-9._:@-]{0,127}|~[\w-]{1,220})$/,
  message: 'after must be an account name or the next of an answer',
};

/** Most entries or accounts in the answer, in a query. */
export const LIMIT: Format = {
  pattern: /^([1-9][0-9]?|100)$/,
  message: `limit must be from 1 to ${MAX_LIMIT}`,
};
