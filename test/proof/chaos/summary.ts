import type { LoadMove } from '../../../client/load/call.ts';
import { type Check, isKept } from '../../../client/load/check.ts';
import type { Latency } from '../../../client/load/latency.ts';
import {
  type CallRecord,
  finalOutcome,
  isMove,
  isReturned,
  type MoveRecord,
} from '../../../client/load/ledger.ts';
import { checkJson, type Resolution } from '../../../client/load/report.ts';
import type { HistoryVerdict } from '../history/check.ts';
import type { Occurrence } from './board.ts';
import { KIND_NAMES, type KindName, kindOf } from './kinds.ts';
import type { ChaosOptions } from './options.ts';
import type { Mark, Outcomes, ResolvedBy, Tallies } from './tallies.ts';

/** Everything that a run found out, as plain data. */
export interface Summary {
  readonly command: string;
  readonly seed: number;
  readonly sabotage: string | undefined;
  readonly clients: number;
  readonly callersPerClient: number;
  /** How long the load lasted. */
  readonly lastedMs: number;
  /** Somebody ended it early. */
  readonly interrupted: boolean;
  readonly faults: readonly FaultTotal[];
  readonly calls: number;
  readonly outcomes: Outcomes;
  readonly refusals: Readonly<Record<string, number>>;
  readonly callTimes: Latency | undefined;
  readonly failovers: number;
  /** From the first failed attempt of a call to its answer by another Region. */
  readonly failoverTimes: Latency | undefined;
  readonly unknown: Resolution & {
    readonly by: Readonly<Record<ResolvedBy, number>>;
    readonly with: Readonly<Record<'retry' | 'cancel', number>>;
  };
  readonly moved: Moved;
  readonly pages: number;
  readonly largestItemBytes: number;
  readonly history: { readonly events: number; readonly accounts: number; readonly checkMs: number };
  readonly checks: readonly Check[];
  readonly timeline: Timeline;
  readonly ok: boolean;
}

/** What was moved between accounts, held and refunded, and how often one was frozen. */
export interface Moved {
  readonly transfers: number;
  /** Those that their payees refused, so that the money came back. */
  readonly returned: number;
  readonly holds: number;
  readonly captures: number;
  readonly voids: number;
  readonly refunds: number;
  readonly freezes: number;
}

/** How often a kind of fault occurred, and how many requests it did something to. */
export interface FaultTotal {
  readonly kind: KindName;
  readonly times: number;
  readonly hits: number;
}

/** What is drawn. Times are milliseconds since the beginning of the load. */
export interface Timeline {
  readonly lastedMs: number;
  readonly regions: readonly RegionLine[];
  /** In the order in which they began. */
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
}

export interface RegionLine {
  readonly name: string;
  /** Answered calls in each second. */
  readonly perSecond: readonly number[];
}

export interface Band {
  readonly kind: KindName;
  /** Name of a Region, or of a client process. */
  readonly where: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly hits: number;
}

/** What a run leaves behind, before it is summed up. */
export interface Findings {
  readonly command: string;
  readonly seed: number;
  readonly options: ChaosOptions;
  readonly lastedMs: number;
  readonly interrupted: boolean;
  readonly regionNames: readonly string[];
  readonly occurrences: readonly Occurrence[];
  readonly tallies: Tallies;
  readonly resolution: Resolution;
  readonly moved: Moved;
  readonly pages: number;
  readonly largestItemBytes: number;
  readonly history: { readonly events: number; readonly checkMs: number; readonly verdict: HistoryVerdict };
  /** But for that of the history. */
  readonly checks: readonly Check[];
}

export function summarize(findings: Findings): Summary {
  const { options, tallies, resolution, history, lastedMs, occurrences, regionNames } = findings;
  const ofHistory = options.mix === 'all' ? [checkOf(history.verdict)] : [];
  const checks = inOrder([...findings.checks, ...ofHistory]);
  return {
    command: findings.command,
    seed: findings.seed,
    sabotage: options.sabotage,
    clients: options.clients,
    callersPerClient: options.callersPerClient,
    lastedMs,
    interrupted: findings.interrupted,
    faults: KIND_NAMES.map((kind) => totalOf(kind, occurrences)),
    calls: tallies.calls,
    outcomes: tallies.outcomes,
    refusals: tallies.refusals,
    callTimes: tallies.callTimes,
    failovers: tallies.failovers,
    failoverTimes: tallies.failoverTimes,
    unknown: { ...resolution, by: tallies.resolvedBy, with: tallies.resolvedWith },
    moved: findings.moved,
    pages: findings.pages,
    largestItemBytes: findings.largestItemBytes,
    history: {
      events: history.events,
      accounts: history.verdict.accounts.length,
      checkMs: history.checkMs,
    },
    checks,
    timeline: {
      lastedMs,
      regions: regionNames.map((name) => ({
        name,
        perSecond: secondsOf(tallies.perSecond[name] ?? [], lastedMs),
      })),
      bands: occurrences.map((occurrence) => bandOf(occurrence, regionNames, lastedMs)),
      marks: tallies.marks,
    },
    ok: resolution.unresolved === 0 && checks.every(isKept),
  };
}

/** Counts what was executed, as far as it moved money between accounts or held it. */
export function movedOf(records: readonly CallRecord[]): Moved {
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

/** One number for each second, those included in which nothing was answered. */
function secondsOf(counts: readonly number[], lastedMs: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(lastedMs / 1000)) }, (_, second) => counts[second] ?? 0);
}

function bandOf(
  { planned, beganMs, endedMs, hits }: Occurrence,
  regionNames: readonly string[],
  lastedMs: number,
): Band {
  const { kind, target } = planned;
  const where = kindOf(kind).place === 'client' ? `client-${target + 1}` : (regionNames[target] ?? '');
  return {
    kind,
    where,
    fromMs: beganMs,
    toMs: Math.max(beganMs, Math.min(endedMs ?? lastedMs, lastedMs)),
    hits,
  };
}

function checkOf({ accounts }: HistoryVerdict): Check {
  const inWords = (verdict: 'broken' | 'undecided') =>
    accounts.filter((each) => each.verdict === verdict).map(({ account, says }) => `${account}: ${says}`);
  return {
    name: 'I5',
    says: 'the history of each account is linearizable, unknown outcomes included',
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
