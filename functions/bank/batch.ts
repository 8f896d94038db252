import pMap from 'p-map';
import { type Append, guards } from './append.ts';
import { Attempt, type BankParts, type RemainingWork } from './attempt.ts';
import { entriesIn, type Head, lineOf, linesOfHead } from './book.ts';
import { decide, type Intent } from './decide.ts';
import type { Asked, Entry } from './entry.ts';
import { answerFrom, execute, type KeyAnswer } from './execute.ts';
import { ageOf } from './key.ts';
import { MAX_HEAD_ENTRIES, MAX_WRITES_PER_BATCH } from './limits.ts';
import { type Condition, isTrueOf, type Predicate } from './operations/operation.ts';
import { turnPage } from './turn.ts';
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

/** The answer to a call of a batch. */
export type BatchAnswer =
  | KeyAnswer
  /** The call was not answered. The error says whether it may have been executed. */
  | { readonly kind: 'unavailable'; readonly error: StoreUnavailableError };

/** The calls of a batch with their answers, in their order, and the work that remains. */
export interface BatchExecuted {
  readonly answers: readonly { readonly call: BatchCall; readonly answer: BatchAnswer }[];
  readonly remaining: RemainingWork | undefined;
}

/**
 * Executes the calls of a batch, each at most once, in any order. One write appends the entries of all calls that can be executed. The
 * others are executed as if they had come alone: those that are refused, and those whose key may be on a page.
 *
 * Throws {@link StoreUnavailableError} if that write was not answered.
 */
export async function executeBatch(
  parts: BankParts,
  batch: Batch,
  signal: AbortSignal,
): Promise<BatchExecuted> {
  const attempt = new Attempt(parts, signal);
  const { head, written, mayArrive } = await appendTogether(attempt, batch).catch((error: unknown) => {
    throw error instanceof StoreUnavailableError ? withExecuted(error, attempt.mayHaveExecuted) : error;
  });
  const lines = head === undefined ? [] : linesOfHead(head);
  const answerTo = async (call: BatchCall): Promise<BatchAnswer> => {
    const line = lineOf(lines, call.key);
    if (line !== undefined && head !== undefined) {
      return await answerFrom(attempt, call, { line, head, isNew: written.has(call.key) });
    }
    try {
      const { answer, remaining } = await execute(parts, call, signal);
      attempt.leave(remaining);
      return answer;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        throw error;
      }
      const known = mayArrive ? withExecuted(error, true) : error;
      return { kind: 'unavailable', error: known };
    }
  };
  const answers = await pMap(batch.calls, async (call) => ({ call, answer: await answerTo(call) }), {
    concurrency: MAX_ALONE_AT_ONCE,
  });
  return { answers, remaining: attempt.left() };
}

/** Most calls of a batch that are executed alone at the same time: they all write to one item. */
const MAX_ALONE_AT_ONCE = 5;

/** The result of the writes of a batch. */
interface Together {
  /** The head after the last write. Undefined if there was none. */
  readonly head: Head | undefined;
  /** The keys of the calls that were executed. */
  readonly written: ReadonlySet<string>;
  /** True if a write that was not answered may still arrive. */
  readonly mayArrive: boolean;
}

/** Appends the entries of as many calls as one write can. */
async function appendTogether(attempt: Attempt, { account, calls }: Batch): Promise<Together> {
  const { nowMs, keysNotBeforeMs } = attempt.parts;
  const atMs = nowMs();
  const usable = calls.filter(({ key }) => ageOf(key, atMs, keysNotBeforeMs) === 'usable');
  let head: Head | undefined;
  let mayArrive = false;
  for (let left = MAX_WRITES_PER_BATCH; left > 0; left -= 1) {
    const append = planAppend({ account, calls: usable }, head, atMs);
    if (append === undefined) {
      break;
    }
    const appended = await attempt.append(append, true);
    head = appended.head;
    mayArrive ||= appended.mayArrive;
    if (appended.written) {
      return { head, written: new Set(append.entries.map(({ key }) => key)), mayArrive };
    }
    const lines = linesOfHead(head);
    const open = usable.filter(({ key }) => lineOf(lines, key) === undefined);
    if (open.length > 1 && entriesIn(head) + open.length > MAX_HEAD_ENTRIES) {
      await turnPage(attempt.store, account, head, attempt.signal);
      head = undefined;
    }
  }
  return { head, written: new Set(), mayArrive };
}

/**
 * The write that executes these calls, or undefined for fewer than two. Given a head, it leaves out the calls that this head would not let
 * execute, each judged after those before it.
 */
function planAppend({ account, calls }: Batch, head: Head | undefined, nowMs: number): Append | undefined {
  const guard = { kind: 'above_watermark' } as const;
  const entries: Entry[] = [];
  const conditions: Condition[] = [];
  let changeMinor = 0n;
  for (const call of calls) {
    const alone = { age: 'usable', nowMs, guard, ending: undefined, refundedCall: undefined } as const;
    const step = decide(call, undefined, alone);
    if (step.kind !== 'append') {
      continue;
    }
    const [entry] = step.append.entries;
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
  const [first, ...others] = entries;
  return first === undefined || others.length === 0
    ? undefined
    : { account, entries: [first, ...others], guard, conditions: strictest(conditions), marking: undefined };
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
    const other = kept.get(kind)?.predicate;
    if (other === undefined || isStricter(predicate, other)) {
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
