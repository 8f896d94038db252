/** How far ahead of the function's clock a key may be, in milliseconds. A key further ahead could push the watermark past keys of honest clocks. */
export const MAX_KEY_AHEAD_MS = 5 * 60_000;

/**
 * How long the bank can answer for a key, in milliseconds: 30 days. A key that was minted longer ago and of which nothing
 * is recorded is never executed. Only that makes it safe to forget: whatever is removed after this time, a delayed
 * attempt cannot take its place.
 */
export const RETENTION_MS = 30 * 24 * 60 * 60_000;

/** Kept on top of the retention before anything is removed for good, so that clocks of functions may differ. */
export const REMOVAL_MARGIN_MS = 24 * 60 * 60_000;

/** How old a reply must be to be archived, in milliseconds. Until then a retry is answered from the account itself. */
export const ARCHIVE_AGE_MS = 15 * 60_000;

/** How many replies move to the archive at once: the most that DynamoDB takes in one batch. */
export const ARCHIVE_BATCH = 25;

/**
 * One write in so many, on average, brings the whole account back, and does the housekeeping that it finds due. The others
 * bring back their own reply only: an account that many call at once remembers a reply for each of them, and reading all of
 * those in every answer would cost more than the write. Chance decides, so that no choice of keys can keep housekeeping away.
 */
export const WRITES_PER_INSPECTION = 4;

/**
 * How many replies an account remembers before it turns new calls away. A recorded call takes about 100 bytes, so this
 * keeps an item near 100 KB, far from DynamoDB's 400 KB, even with the calls that are made until one of them looks and sets
 * the mark.
 */
export const MAX_REMEMBERED_REPLIES = 1000;

/**
 * How many conditional writes one attempt may make. Two are enough unless other calls change the account in between;
 * more only help an attempt that loses such races, and a hot account must not hold a function for long.
 */
export const MAX_WRITES_PER_ATTEMPT = 6;
