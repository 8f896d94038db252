/**
 * Key of the item by which a recovery tells `npm run deploy` of itself, in the fresh bank's table `idempotency`. No account can have this
 * name, so the bank never reads it.
 */
export const RECOVERY_NOTE = { account: '~', key: 'recovery' } as const;
