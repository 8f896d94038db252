/** How far ahead of the function's clock a key may be, in milliseconds. A key further ahead could push the watermark past keys of honest clocks. */
export const MAX_KEY_AHEAD_MS = 5 * 60_000;

/**
 * How many replies an account remembers before it turns new calls away. A recorded call takes about 110 bytes, so this
 * keeps an item near 110 KB, far from DynamoDB's 400 KB, even with calls in flight when the mark is set.
 */
export const MAX_REMEMBERED_REPLIES = 1000;

/**
 * How many conditional writes one attempt may make. Two are enough unless other calls change the account in between;
 * more only help an attempt that loses such races, and a hot account must not hold a function for long.
 */
export const MAX_WRITES_PER_ATTEMPT = 6;
