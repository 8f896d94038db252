import { isKept } from '../load/check.ts';
import type { Verdict } from '../load/inspect.ts';
import type { Ledger } from '../load/ledger.ts';
import { checkJson, checkText, type Latency, latencyOf, refusalsOf, resolutionOf } from '../load/report.ts';
import type { Ended } from '../load/run.ts';
import type { Paint } from './terminal.ts';

/** How long the load took, and what ended it. */
export interface Course {
  readonly seconds: number;
  readonly ended: Ended;
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const rounded = (value: number) => Math.round(value * 10) / 10;

/** The progress of a run. */
interface Moment {
  readonly passed: number;
  /** Length of the run in seconds, as `passed`. */
  readonly of: number;
  readonly callsPerSecond: number;
  /** Names of the Regions that are lost. */
  readonly lost: readonly string[];
}

export function progressText({ progress }: Ledger, { passed, of, callsPerSecond, lost }: Moment): string {
  const { calls, notExecuted, unknown } = progress.counts;
  return [
    `${Math.floor(passed)} s of ${of}`,
    `${number.format(calls)} calls`,
    `${number.format(Math.round(callsPerSecond))} a second`,
    ...Object.entries(progress.regions).map(
      ([region, answered]) => `${region} ${lost.includes(region) ? 'LOST' : number.format(answered)}`,
    ),
    ...(notExecuted === 0 ? [] : [`${number.format(notExecuted)} not executed`]),
    ...(unknown === 0 ? [] : [`${number.format(unknown)} unknown`]),
  ].join('  ');
}

export function progressJson({ progress }: Ledger, seconds: number) {
  const { counts, regions } = progress;
  return { seconds: rounded(seconds), callsPerSecond: rounded(counts.calls / seconds), ...counts, regions };
}

export function reportJson(
  ledger: Ledger,
  { checks, ...report }: Verdict,
  { seconds, ended }: Course,
): object {
  const { records } = ledger;
  const { unknown: _, ...resolved } = resolutionOf(records);
  const { p50Ms, p99Ms } = timesOf(records);
  return {
    event: 'verdict',
    ended,
    ...progressJson(ledger, seconds),
    refusals: refusalsOf(records),
    resolved,
    p50Ms: rounded(p50Ms),
    p99Ms: rounded(p99Ms),
    ...report,
    checks: checks.map(checkJson),
  };
}

export function reportText(ledger: Ledger, report: Verdict, seconds: number, paint: Paint): string {
  const { records, progress } = ledger;
  const { calls, executed, balances, refused, notExecuted, unknown, failedOver } = progress.counts;
  const { unknown: _, ...resolved } = resolutionOf(records);
  const { p50Ms, p99Ms } = timesOf(records);
  const width = number.format(calls).length;
  const count = (of: number, what: string) => `${number.format(of).padStart(width)} ${what}`;
  return [
    `${number.format(calls)} calls in ${number.format(seconds)} s, ${number.format(calls / seconds)} a second; p50 ${number.format(p50Ms)} ms, p99 ${number.format(p99Ms)} ms`,
    count(executed, 'moved money'),
    count(balances, 'read a balance'),
    count(refused, `refused${refused === 0 ? '' : `: ${list(refusalsOf(records))}`}`),
    count(notExecuted, 'certainly not executed: no Region could be reached'),
    count(unknown, `unknown${unknown === 0 ? '' : `, resolved: ${list(resolved)}`}`),
    `Answered by: ${list(progress.regions)}${failedOver === 0 ? '' : `; ${number.format(failedOver)} after another Region had failed`}`,
    ...verdictLines(report, paint),
  ].join('\n');
}

function timesOf(records: Ledger['records']): Pick<Latency, 'p50Ms' | 'p99Ms'> {
  return latencyOf(records.flatMap(({ durationMs }) => durationMs ?? [])) ?? { p50Ms: 0, p99Ms: 0 };
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name.replaceAll('_', ' ')} ${number.format(count)}`)
    .join(', ');
}

function verdictLines(report: Verdict, paint: Paint): readonly string[] {
  const { verdict, accounts, totalMinor, readIn, notReadIn, checks } = report;
  const read = readIn.length === 0 ? '' : `, read in ${readIn.join(' and ')}`;
  const unread = notReadIn.length === 0 ? [] : [`Not read in ${notReadIn.join(' and ')}: no answer.`];
  const notKept = checks.filter((each) => !isKept(each)).flatMap(checkText);
  switch (verdict) {
    case 'balanced':
      return [
        ...unread,
        `${paint('good', 'The books balance:')} the executed calls come to ${totalMinor}, and so do the balances and the statements of ${accounts === 1 ? 'the account' : `the ${accounts} accounts`}${read}.`,
      ];
    case 'wrong':
      return [...unread, paint('bad', `The books do not balance${read}:`), ...notKept];
    case 'unverified':
      return [
        ...unread,
        `${paint('warning', 'The books could not be verified:')} ${readIn.length === 0 ? 'no Region answered' : 'not every outcome or account is known'}${read}.`,
        ...notKept,
      ];
  }
}
