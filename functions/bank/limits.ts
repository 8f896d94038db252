/** How far ahead of the function's clock a key may be, in milliseconds. */
export const MAX_KEY_AHEAD_MS = 5 * 60_000;

/** How long after its minting a key can be used for the first time, in milliseconds: 30 days. */
export const MAX_KEY_AGE_MS = 30 * 24 * 60 * 60_000;

/** How long a cached reply is kept, in milliseconds. */
export const CACHE_MS = MAX_KEY_AGE_MS;

/**
 * Number of newest entries that stay in the head when a page is turned. With 12, every 12th entry turns a page. That costs a sixth of a
 * request per entry, and a head at rest has at most 23 entries, about 890 bytes of deposits.
 */
export const KEPT_ENTRIES = 12;

/**
 * Most entries of one page. An expression removes them from the head with two paths an entry, and it has at most 300 operators and 4 KB.
 * Turning a page takes two writes, one after the other, during which 64 callers add 128 entries: with pages of 100 entries, such a head
 * grew until it was full. How DynamoDB counts paths is not documented, and 280 of them were not tried on AWS.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const MAX_PAGE_ENTRIES = 140;

/**
 * A head with this many entries takes no more until a page is turned. An entry has about 30 bytes without a reference; an item may have
 * 400 KB.
 */
export const MAX_HEAD_ENTRIES = 500;

/** The version of the protocol that this function writes. It does not write items that need a higher one. */
export const PROTOCOL_VERSION = 2;

/** The first version that knows of frozen accounts: an older function would pay out of one. */
export const FREEZE_VERSION = 2;

/**
 * Most conditional writes of one attempt. Two are enough unless other calls change the account in between. More would help only an attempt
 * that keeps losing such races, and a hot account must not occupy a function for long.
 */
export const MAX_WRITES_PER_ATTEMPT = 6;

/**
 * Most conditional writes of a batch before its calls are executed one by one. The first one does not know the head. The second one leaves
 * out the calls that the head does not let execute. A third one is needed if the head was full.
 */
export const MAX_WRITES_PER_BATCH = 3;

/** How long after its beginning a transfer or a refund is due for the sweep, in milliseconds: longer than an attempt works on it. */
export const TRANSFER_DUE_MS = 15_000;

/** Shards of the index of due accounts. Each takes 1,000 writes a second. */
export const DUE_SHARDS = 16;
