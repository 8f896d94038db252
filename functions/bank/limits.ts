/** How far ahead of the function's clock a key may be, in milliseconds. */
export const MAX_KEY_AHEAD_MS = 5 * 60_000;

/** How long after its minting a key may be used for the first time, in milliseconds: 30 days. */
export const MAX_KEY_AGE_MS = 30 * 24 * 60 * 60_000;

/** How long a cached reply is kept, in milliseconds. */
export const CACHE_MS = MAX_KEY_AGE_MS;

/**
 * The newest entries that stay in the head when a page is turned. With twelve, a page is turned with every twelfth entry, which costs
 * a sixth of a request each, and a head at rest has at most 23 entries, about 890 bytes of deposits.
 */
export const KEPT_ENTRIES = 12;

/**
 * Most entries that one page takes over. They are removed from the head by their places, two to an entry, and an expression has
 * at most 300 operators and 4 KB. While a page is turned, which takes two writes one after the other, 64 callers add 128
 * entries: a page that took only a hundred let such a head grow until it was full. How DynamoDB counts paths is not documented, and
 * 280 of them were not tried on AWS.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const MAX_PAGE_ENTRIES = 140;

/** Entries that close a head: at about 30 bytes each without a reference, far from the 400 KB that an item may have. */
export const MAX_HEAD_ENTRIES = 500;

/** The version of the protocol that this function writes. Items that need a higher one are left alone. */
export const PROTOCOL_VERSION = 2;

/** The version that knows of frozen accounts: an older function would pay out of one. */
export const FREEZE_VERSION = 2;

/**
 * Conditional writes of one attempt. Two are enough unless other calls change the account in between; more only help an
 * attempt that loses such races, and a hot account must not hold a function for long.
 */
export const MAX_WRITES_PER_ATTEMPT = 6;

/** How long after its beginning a transfer is the sweep's, in milliseconds: longer than an attempt works on it. */
export const TRANSFER_DUE_MS = 15_000;

/** Shards of the index of what is due. Each takes a thousand writes a second. */
export const DUE_SHARDS = 16;
