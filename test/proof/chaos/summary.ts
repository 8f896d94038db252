import type { CallRecord, LoadMove, MoveRecord } from '../../../client/load/call.ts';
import { type Check, isKept } from '../../../client/load/check.ts';
import { finalOutcome, isMove, isReturned } from '../../../client/load/ledger.ts';
import { checkJson, type Resolution } from '../../../client/load/report.ts';
import type { HistoryVerdict } from '../history/check.ts';
import type { Occurrence } from './board.ts';
import { KIND_NAMES, type KindName, kindOf } from './kinds.ts';
import type { ChaosOptions } from './options.ts';
import type { Mark, ResolvedBy, Tallies } from './tallies.ts';

/** What a run found out that a summary has as it is. */
interface Found {
  /** How to do the same again. */
  readonly command: string;
  readonly seed: number;
  /** How long the load lasted. */
  readonly lastedMs: number;
  /** The load was ended early. */
  readonly interrupted: boolean;
  readonly moved: Moved;
  readonly pages: number;
  readonly largestItemBytes: number;
  readonly checks: readonly Check[];
}

/** Everything that a run found out, as plain data. */
export interface Summary
  extends Found,
    Pick<ChaosOptions, 'sabotage' | 'clients' | 'callersPerClient'>,
    Pick<Tallies, 'calls' | 'outcomes' | 'refusals' | 'callTimes' | 'failovers' | 'failoverTimes'> {
  readonly faults: readonly FaultTotal[];
  readonly unknown: Resolution & {
    readonly by: Readonly<Record<ResolvedBy, number>>;
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

/** How often a kind of fault occurred, and how many requests it did something to. */
export interface FaultTotal {
  readonly kind: KindName;
  readonly times: number;
  readonly hits: number;
}

/** What is drawn. Times are milliseconds since the beginning of the load. */
export interface Timeline {
  readonly lastedMs: number;
  /** With the answered calls in each second. */
  readonly regions: readonly { readonly name: string; readonly perSecond: readonly number[] }[];
  /** In the order in which they began. */
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
}

export interface Band {
  readonly kind: KindName;
  /** Name of a Region, or of a client process. */
  readonly where: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly hits: number;
}

/** What a run leaves behind, before it is summed up. Its checks are without that of the history. */
export interface Findings extends Found {
  readonly options: ChaosOptions;
  readonly regionNames: readonly string[];
  readonly occurrences: readonly Occurrence[];
  readonly tallies: Tallies;
  readonly resolution: Resolution;
  readonly history: { readonly events: number; readonly checkMs: number; readonly verdict: HistoryVerdict };
}

export function summarize(findings: Findings): Summary {
  const { options, regionNames, occurrences, tallies, resolution, history, ...found } = findings;
  const { lastedMs } = found;
  const { sabotage, clients, callersPerClient, mix } = options;
  const { calls, outcomes, refusals, callTimes, failovers, failoverTimes } = tallies;
  const checks = inOrder([...found.checks, ...(mix === 'all' ? [checkOf(history.verdict)] : [])]);
  return {
    ...found,
    ...{ sabotage, clients, callersPerClient, checks },
    ...{ calls, outcomes, refusals, callTimes, failovers, failoverTimes },
    faults: KIND_NAMES.map((kind) => totalOf(kind, occurrences)),
    unknown: { ...resolution, by: tallies.resolvedBy, with: tallies.resolvedWith },
    history: { events: history.events, accounts: history.verdict.accounts.length, checkMs: history.checkMs },
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
