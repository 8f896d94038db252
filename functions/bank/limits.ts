/** How far ahead of the function's clock a key may be, in milliseconds. */
export const MAX_KEY_AHEAD_MS = 5 * 60_000;

/** How long after its minting a key may be used for the first time, in milliseconds: 30 days. */
export const MAX_KEY_AGE_MS = 30 * 24 * 60 * 60_000;

/** How long a cached reply is kept, in milliseconds. */
export const CACHE_MS = MAX_KEY_AGE_MS;

/**
 * The newest entries that stay in the head when a page is turned. With ten, a page is turned every tenth call, which costs
 * 0.2 requests a call, and a head at rest has at most nineteen entries, below 1 KB.
 */
export const KEPT_ENTRIES = 10;

/** Most entries that one page takes over: as many as one write can remove from the head by their places. */
export const MAX_PAGE_ENTRIES = 100;

/** Entries that close a head: at about 50 bytes each, far from the 400 KB that an item may have. */
export const MAX_HEAD_ENTRIES = 500;

/** The version of the protocol that this function writes. Items that need a higher one are left alone. */
export const PROTOCOL_VERSION = 1;

/**
 * Conditional writes of one attempt. Two are enough unless other calls change the account in between; more only help an
 * attempt that loses such races, and a hot account must not hold a function for long.
 */
export const MAX_WRITES_PER_ATTEMPT = 6;
