import type { BankEvent } from '../../events.ts';
import type { FailureReason } from '../../failure.ts';
import type { Paint } from '../paint.ts';
import { FAILURES } from '../story.ts';

/** What a read came to. */
export type Reading =
  | { readonly event: 'balance'; readonly balance: bigint; readonly region: string }
  | { readonly event: 'no_account'; readonly region: string | undefined }
  | { readonly event: 'unavailable'; readonly message: string };

/** Reads go to another endpoint from now on. */
interface Way {
  readonly event: 'endpoint_changed';
  readonly from: string;
  readonly to: string;
  /** Undefined on the way back to an endpoint that is whole again. */
  readonly reason: FailureReason | undefined;
}

/** A line that watch prints. */
export type Line = (Reading & { readonly account: string }) | Way;

/** What is no number, and so goes to standard error. */
export const ASIDE: ReadonlySet<Line['event']> = new Set(['unavailable', 'endpoint_changed']);

/** True when a reading tells something that the one before did not. The Region that was asked is no news by itself. */
export function isNews(before: Reading | undefined, now: Reading): boolean {
  if (before?.event === 'balance' && now.event === 'balance') {
    return before.balance !== now.balance;
  }
  return before?.event !== now.event;
}

/** Says where reads go from now on, and why, given the attempt that failed last. */
export function wayOf(
  { from, to }: Extract<BankEvent, { type: 'endpoint_changed' }>,
  failed: Extract<BankEvent, { type: 'attempt_failed' }> | undefined,
): Way {
  const reason = failed?.endpoint.url === from.url ? failed.reason : undefined;
  return { event: 'endpoint_changed', from: from.name, to: to.name, reason };
}

export function textOf(line: Line, paint: Paint): string {
  switch (line.event) {
    case 'balance':
      return `${line.balance}  ${line.region}`;
    case 'no_account':
      return `no such account  ${line.region ?? ''}`.trimEnd();
    case 'unavailable':
      return paint('bad', `no Region answers; still asking. ${line.message}`);
    case 'endpoint_changed':
      return paint(
        line.reason === undefined ? 'good' : 'warning',
        line.reason === undefined
          ? `${line.to} is whole again and is asked from now on`
          : `${FAILURES[line.reason](line.from)}; ${line.to} is asked from now on`,
      );
  }
}
