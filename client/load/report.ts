import type { Answer, CallRecord } from './call.ts';
import { type Check, isKept } from './check.ts';
import { finalOutcome, isMove } from './ledger.ts';

/** Number of refused calls by code. */
export function refusalsOf(answers: readonly Pick<Answer, 'outcome'>[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { outcome } of answers) {
    if (outcome.kind === 'refused') {
      counts.set(outcome.code, (counts.get(outcome.code) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** How many outcomes were unknown when their calls ended, and how they were resolved. */
export interface Resolution {
  readonly unknown: number;
  readonly executed: number;
  readonly refused: number;
  readonly cancelled: number;
  readonly unresolved: number;
}

export function resolutionOf(records: readonly CallRecord[]): Resolution {
  const counts = { executed: 0, refused: 0, cancelled: 0, unresolved: 0 };
  const unknown = records.filter((record) => isMove(record) && record.outcome.kind === 'unknown');
  for (const outcome of unknown.map(finalOutcome)) {
    if (outcome.kind === 'refused') {
      counts[outcome.code === 'cancelled' ? 'cancelled' : 'refused'] += 1;
    } else {
      counts[outcome.kind === 'executed' ? 'executed' : 'unresolved'] += 1;
    }
  }
  return { unknown: unknown.length, ...counts };
}

/** `wrong` if a check found a broken promise, `balanced` if every check was made and succeeded, or else `unverified`. */
export function verdictOf(checks: readonly Check[]): 'balanced' | 'wrong' | 'unverified' {
  if (checks.some(({ broken }) => broken.length > 0)) {
    return 'wrong';
  }
  return checks.length > 0 && checks.every(isKept) ? 'balanced' : 'unverified';
}

/** A report names only the first cases in which a promise was broken. */
export const MAX_EXAMPLES = 5;

/** The state of a check, as reports print it. */
export function stateOf(check: Check): 'ok' | 'BROKEN' | 'OPEN' {
  if (isKept(check)) {
    return 'ok';
  }
  return check.broken.length > 0 ? 'BROKEN' : 'OPEN';
}

/** A check as lines of text. */
export function checkText(check: Check): string[] {
  const { name, promise, checked, broken, open } = check;
  const counts = [
    `${checked} checked`,
    ...(broken.length > 0 ? [`${broken.length} broken`] : []),
    ...(open.length > 0 ? [`${open.length} unknown`] : []),
  ].join(', ');
  return [
    `${stateOf(check).padEnd(7)} ${name.padEnd(9)} ${promise} (${counts})`,
    ...[...broken, ...open].slice(0, MAX_EXAMPLES).map((example) => `             ${example}`),
  ];
}

/** A check as JSON. */
export function checkJson(check: Check): object {
  const limited = (all: readonly string[]) => ({ count: all.length, examples: all.slice(0, MAX_EXAMPLES) });
  return { ...check, kept: isKept(check), broken: limited(check.broken), open: limited(check.open) };
}

/** How long calls took. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** Undefined if there are no durations. */
export function latencyOf(durationsMs: readonly number[]): Latency | undefined {
  const sorted = durationsMs.toSorted((one, other) => one - other);
  const quantile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
  const [p50Ms, p99Ms, worstMs] = [quantile(0.5), quantile(0.99), quantile(1)];
  return p50Ms === undefined || p99Ms === undefined || worstMs === undefined
    ? undefined
    : { p50Ms, p99Ms, worstMs };
}
