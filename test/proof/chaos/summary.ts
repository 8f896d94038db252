import type { CallRecord, LoadMove, MoveRecord } from '../../../client/load/call.ts';
import { type Check, isKept } from '../../../client/load/check.ts';
import { finalOutcome, isMove, isReturned } from '../../../client/load/ledger.ts';
import { countOf } from '../../../client/load/progress.ts';
import {
  checkJson,
  type Latency,
  latencyOf,
  type Resolution,
  refusalsOf,
  resolutionOf,
} from '../../../client/load/report.ts';
import type { HistoryVerdict } from '../history/check.ts';
import type { Occurrence } from './conductor.ts';
import type { ChaosLedger, Ended } from './ledger.ts';
import type { ChaosOptions } from './options.ts';
import { KIND_NAMES, type KindName } from './plan.ts';

/** Findings of a run that the summary takes over unchanged. */
interface Found {
  /** The command line that repeats the run. */
  readonly command: string;
  readonly seed: number;
  /** How long the load lasted. */
  readonly lastedMs: number;
  /** The load was ended early. */
  readonly interrupted: boolean;
  readonly pages: number;
  readonly largestItemBytes: number;
  readonly checks: readonly Check[];
}

/** The result of a run, as plain data. */
export interface Summary extends Found, Pick<ChaosOptions, 'sabotage' | 'clients' | 'callers'> {
  readonly faults: readonly FaultTotal[];
  readonly calls: number;
  readonly outcomes: Readonly<Record<ReturnType<typeof countOf>, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly callTimes: Latency | undefined;
  readonly failovers: number;
  readonly failoverTimes: Latency | undefined;
  readonly moved: Moved;
  /** How many outcomes were unknown; who resolved them, and how. */
  readonly unknown: Resolution & {
    readonly by: Readonly<Record<'own' | 'other' | 'end', number>>;
    readonly with: Readonly<Record<'retry' | 'cancel', number>>;
  };
  readonly history: { readonly events: number; readonly accounts: number; readonly checkMs: number };
  readonly timeline: Timeline;
  readonly ok: boolean;
}

/** What was moved between accounts, held and refunded, and how often one was frozen. */
interface Moved {
  readonly transfers: number;
  /** Those that their payees refused, so that the money came back. */
  readonly returned: number;
  readonly holds: number;
  readonly captures: number;
  readonly voids: number;
  readonly refunds: number;
  readonly freezes: number;
}

/** How often a kind of fault occurred, and how many requests it hit. */
export interface FaultTotal {
  readonly kind: KindName;
  readonly times: number;
  readonly hits: number;
}

/** What is drawn. */
export interface Timeline extends Pick<Found, 'lastedMs'> {
  readonly regionNames: readonly string[];
  /** In the order in which they began. */
  readonly occurrences: readonly Occurrence[];
  readonly ended: readonly Ended[];
}

/** The findings of a run. The check of the history is added by the summary. */
export interface Findings extends Found, Pick<ChaosLedger, 'ended' | 'resolved'> {
  readonly options: ChaosOptions;
  readonly regionNames: readonly string[];
  readonly occurrences: readonly Occurrence[];
  readonly records: readonly CallRecord[];
  readonly history: { readonly events: number; readonly checkMs: number; readonly verdict: HistoryVerdict };
}

export function summarize(findings: Findings): Summary {
  const { options, regionNames, occurrences, records, ended, resolved, history, ...found } = findings;
  const { lastedMs } = found;
  const { sabotage, clients, callers, calls } = options;
  const checks = inOrder([...found.checks, ...(calls === 'all' ? [checkOf(history.verdict)] : [])]);
  const outcomes = { executed: 0, balances: 0, refused: 0, notExecuted: 0, unknown: 0 };
  for (const { kind, answer } of ended) {
    outcomes[countOf(kind, answer.outcome)] += 1;
  }
  const failoversMs = ended.flatMap(({ failoverMs }) => failoverMs ?? []);
  const resolution = resolutionOf(records);
  const [by, how] = [
    { own: 0, other: 0, end: 0 },
    { retry: 0, cancel: 0 },
  ];
  for (const each of resolved) {
    by[each.by] += 1;
    how[each.with] += 1;
  }
  return {
    ...found,
    ...{ clients, callers, checks, outcomes, ...(sabotage === undefined ? {} : { sabotage }) },
    calls: ended.length,
    refusals: refusalsOf(ended.map(({ answer }) => answer)),
    callTimes: latencyOf(ended.map(({ durationMs }) => durationMs)),
    failovers: failoversMs.length,
    failoverTimes: latencyOf(failoversMs),
    faults: KIND_NAMES.map((kind) => totalOf(kind, occurrences)),
    moved: movedOf(records),
    unknown: { ...resolution, by, with: how },
    history: { events: history.events, accounts: history.verdict.accounts.length, checkMs: history.checkMs },
    timeline: { lastedMs, regionNames, occurrences, ended },
    ok: resolution.unresolved === 0 && checks.every(isKept),
  };
}

/** Counts what was executed, as far as it moved money between accounts or held it. */
function movedOf(records: readonly CallRecord[]): Moved {
  const moves = records.filter(isMove);
  const executed = moves.filter((record) => finalOutcome(record).kind === 'executed');
  const count = (kind: LoadMove['kind']) => executed.filter(({ call }) => call.kind === kind).length;
  return {
    transfers: executed.filter(hasPayee).length,
    returned: moves.filter(hasPayee).filter(isReturned).length,
    holds: count('hold'),
    captures: count('capture'),
    voids: count('void'),
    refunds: count('refund'),
    freezes: executed.filter(({ call }) => 'debits' in call && [call.debits, call.credits].includes('frozen'))
      .length,
  };
}

function hasPayee({ call }: MoveRecord): boolean {
  return 'to' in call && call.to !== undefined;
}

/** By their names, which begin with a letter and a number, and then those that have a word for a name. */
function inOrder(checks: readonly Check[]): Check[] {
  const isNumbered = ({ name }: Check) => /^I\d/.test(name);
  const numbered = checks
    .filter(isNumbered)
    .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  return [...numbered, ...checks.filter((check) => !isNumbered(check))];
}

function totalOf(kind: KindName, occurrences: readonly Occurrence[]): FaultTotal {
  const ofKind = occurrences.filter(({ planned }) => planned.kind === kind);
  return { kind, times: ofKind.length, hits: ofKind.reduce((sum, { hits }) => sum + hits, 0) };
}

function checkOf({ accounts }: HistoryVerdict): Check {
  const inWords = (verdict: 'broken' | 'undecided') =>
    accounts
      .filter((each) => each.verdict === verdict)
      .map(({ account, finding }) => `${account}: ${finding}`);
  return {
    name: 'I5',
    promise: 'the history of each account is linearizable, unknown outcomes included',
    checked: accounts.length,
    broken: inWords('broken'),
    open: inWords('undecided'),
  };
}

/** The summary as programs read it: one line, with no list longer than what helps. */
export function toJson(summary: Summary): string {
  const { timeline: _, checks, ...rest } = summary;
  return JSON.stringify({ ...rest, checks: checks.map(checkJson) });
}
