/**
 * A recovery writes two notes into the fresh bank's table `idempotency`, and `npm run deploy` reads them: the first before the first book,
 * the second when every book is there. No account can have their name, so the bank never reads them.
 */
export const RECOVERY_NOTES = { account: '~', begun: 'recovery begun', complete: 'recovery complete' } as const;
