import type { ContenderName } from '../contenders/contender.ts';

/** What became of one deposit whose process died after DynamoDB had made the write, and before the process heard of it. */
export interface Death {
  readonly contender: ContenderName;
  /** The balance when a retry had been answered. */
  readonly balanceMinor: number;
  /** How often the deposit took effect in the end. */
  readonly executed: 'once' | 'twice';
  /**
   * From the death until a retry was answered, in milliseconds, where the first retry was turned away. Null where the
   * first one was answered.
   */
  readonly stuckMs: number | null;
  /** What the first retry was told. */
  readonly retrySays: string;
  /** What the last retry was told, the one that was answered. The same as `retrySays` where nobody was stuck. */
  readonly lastRetrySays: string;
}

/** In the order of the contenders. */
export type DeathsResult = readonly Death[];
