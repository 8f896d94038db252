import { type BatchAppend, guards } from './append.ts';
import { Attempt, type BankParts, type RemainingWork } from './attempt.ts';
import { entriesIn, type Head, linesOfHead } from './book.ts';
import { decide, type Intent } from './decide.ts';
import type { Asked, Entry } from './entry.ts';
import { execute, type KeyAnswer } from './execute.ts';
import { ageOf } from './key.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_BATCH } from './limits.ts';
import { type Condition, isTrueOf, type Predicate } from './operations/operation.ts';
import { StoreUnavailableError, withExecuted } from './unavailable.ts';

/** A call that can be in a batch. Its entry depends on the call alone, and it needs no mark. */
export type BatchCall = Extract<Intent, { kind: 'execute' }> & {
  readonly asked: Extract<Asked, { operation: 'deposit' | 'withdraw' }>;
};

/** Calls of one account that are executed together. Their keys differ. */
export interface Batch {
  readonly account: string;
  readonly calls: readonly BatchCall[];
}

/** The calls of a batch with their answers, in their order, and the work that remains. */
export interface BatchExecuted {
  readonly answers: readonly { readonly call: BatchCall; readonly answer: KeyAnswer }[];
  readonly remaining: RemainingWork | undefined;
}

/**
 * Executes the calls of a batch, each at most once, in any order. One write appends the entries of all calls that can be executed. The
 * others are executed as if they had come alone: those that are refused, and those whose key is in the book or may be.
 *
 * Throws {@link StoreUnavailableError} if a call was not answered. A retry gets the recorded answers of the others.
 */
export async function executeBatch(
  parts: BankParts,
  batch: Batch,
  signal: AbortSignal,
): Promise<BatchExecuted> {
  const attempt = new Attempt(parts, signal);
  const executeAlone = async (call: BatchCall): Promise<KeyAnswer> => {
    const { answer, remaining } = await execute(parts, call, signal);
    if (remaining !== undefined) {
      attempt.later(remaining.done);
    }
    return answer;
  };
  const together = await appendTogether(attempt, batch).catch((error: unknown) => {
    throw withExecuted(error, attempt.mayHaveExecuted);
  });
  const results = await Promise.allSettled(
    batch.calls.map(async (call) => ({
      call,
      answer: together.get(call.key) ?? (await executeAlone(call)),
    })),
  );
  const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (errors.length > 0) {
    const isUnknown = errors.some(
      (error) => error instanceof StoreUnavailableError && error.executed === 'unknown',
    );
    throw withExecuted(errors[0], isUnknown || attempt.mayHaveExecuted || answers.length > 0);
  }
  return { answers, remaining: attempt.left() };
}

/** Appends the entries of as many calls as one write can, and returns their answers by key. */
async function appendTogether(attempt: Attempt, batch: Batch): Promise<ReadonlyMap<string, KeyAnswer>> {
  const { parts } = attempt;
  const nowMs = parts.nowMs();
  const usable = batch.calls.filter(({ key }) => ageOf(key, nowMs, parts.keysNotBeforeMs) === 'usable');
  let head: Head | undefined;
  for (let left = MAX_WRITES_PER_BATCH; left > 0; left -= 1) {
    const append = planBatch({ ...batch, calls: usable }, head, nowMs);
    if (append === undefined) {
      break;
    }
    const appended = await attempt.appendBatch(append);
    head = appended.head;
    if (appended.written) {
      // This is the head right after the write, so these entries are its newest.
      const lines = linesOfHead(head).slice(-append.entries.length);
      return new Map(
        lines.map((line) => [
          line.entry.key,
          { kind: 'recorded', line, returned: undefined, replayed: false },
        ]),
      );
    }
  }
  return new Map();
}

/**
 * Returns the write that executes the calls together; undefined if fewer than two calls are left. Without a head it has all calls. Given the
 * head that did not meet its conditions, it has only the calls that this head lets execute, one after the other.
 */
export function planBatch(
  { account, calls }: Batch,
  head: Head | undefined,
  nowMs: number,
): BatchAppend | undefined {
  const entries: Entry[] = [];
  const conditions: Condition[] = [];
  let changeMinor = 0n;
  for (const call of calls) {
    const guard = { kind: 'above_watermark' } as const;
    const step = decide(call, undefined, {
      age: 'usable',
      nowMs,
      guard,
      ending: undefined,
      refundedCall: undefined,
    });
    if (step.kind !== 'append') {
      continue;
    }
    const { entry } = step.append;
    const required = step.append.conditions.map(({ predicate, expected }) => ({
      predicate: beforeChange(predicate, changeMinor),
      expected,
    }));
    const canExecute =
      head === undefined ||
      (entriesIn(head) + entries.length < MAX_HEAD_ENTRIES &&
        guards(guard, call.key, head) &&
        required.every(({ predicate, expected }) => isTrueOf(predicate, head) === expected));
    if (canExecute) {
      entries.push(entry);
      conditions.push(...required);
      changeMinor += entry.changeMinor;
    }
  }
  return entries.length < 2 ? undefined : { account, entries, conditions: strictest(conditions) };
}

/** What must be true of a head so that a predicate is true after a change of its balance. */
function beforeChange(predicate: Predicate, changeMinor: bigint): Predicate {
  return 'amountMinor' in predicate
    ? { ...predicate, amountMinor: predicate.amountMinor - changeMinor }
    : predicate;
}

/** Of several conditions of one kind, only the strictest, which implies the others. An expression has at most 4 KB. */
function strictest(conditions: readonly Condition[]): readonly Condition[] {
  const kept = new Map<string, Condition>();
  for (const condition of conditions) {
    const { predicate } = condition;
    const kind = predicate.kind === 'not_frozen' ? `${predicate.kind} ${predicate.side}` : predicate.kind;
    const other = kept.get(kind);
    if (other === undefined || isStricter(predicate, other.predicate)) {
      kept.set(kind, condition);
    }
  }
  return [...kept.values()];
}

function isStricter(predicate: Predicate, other: Predicate): boolean {
  if (predicate.kind === 'balance_at_least' && other.kind === 'balance_at_least') {
    return predicate.amountMinor > other.amountMinor;
  }
  return (
    predicate.kind === 'balance_at_most' &&
    other.kind === 'balance_at_most' &&
    predicate.amountMinor < other.amountMinor
  );
}
