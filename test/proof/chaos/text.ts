import type { Latency } from '../../../client/load/report.ts';
import { checkText } from '../../../client/load/report.ts';
import { kindOf, titleOf } from './plan.ts';
import type { Progress } from './run.ts';
import type { FaultTotal, Summary } from './summary.ts';

/** How far a run is, in one line. */
export function formatProgress(
  { phase, elapsedMs, calls, unknown, faults }: Progress,
  minutes: number,
): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} of ${minutes} min`;
  return [phase, time, `${calls} calls`, `${unknown} unknown`, faults.join(', ')].join('  ').trimEnd();
}

/** The summary as people read it. */
export function toText(summary: Summary): string {
  const { seed, lastedMs, clients, callers, interrupted, sabotage, checks, ok } = summary;
  return [
    [
      `Chaos, seed ${seed}: ${(lastedMs / 1000).toFixed(1)} s${interrupted ? ', ended early' : ''}`,
      `${clients} client processes with ${callers} callers each`,
      ...(sabotage === undefined ? [] : [`sabotaged: ${sabotage}`]),
    ].join('; '),
    '',
    ...faults(summary.faults),
    '',
    callsLine(summary),
    failoverLine(summary),
    unknownLine(summary),
    movedLine(summary),
    bookLine(summary),
    historyLine(summary),
    '',
    ...checks.flatMap(checkText),
    '',
    `To repeat: ${summary.command}`,
    ok ? 'Passed.' : 'NOT PASSED.',
  ].join('\n');
}

function faults(totals: readonly FaultTotal[]): string[] {
  const width = Math.max(...totals.map(({ kind }) => kind.length));
  return totals.map(({ kind, times, hits }) => {
    return `${titleOf(kind).padEnd(width)}  ${count(times, 'time').padStart(9)}  ${String(hits).padStart(6)} hit  ${kindOf(kind).description}`;
  });
}

function callsLine({ calls, outcomes, callTimes, refusals }: Summary): string {
  const { executed, balances, refused, notExecuted, unknown } = outcomes;
  const why = Object.entries(refusals).map(([code, times]) => `${times} ${code}`);
  const codes = why.length === 0 ? '' : ` (${why.join(', ')})`;
  return `Calls: ${calls}. ${executed} executed, ${balances} balances, ${refused} refused${codes}, ${notExecuted} certainly not executed, ${unknown} unknown. ${times(callTimes)}.`;
}

function failoverLine({ failovers, failoverTimes }: Summary): string {
  return failovers === 0
    ? 'Failovers: none.'
    : `Failovers: ${failovers}, from the first failed attempt to the answer by the other Region, which may be at fault as well: ${times(failoverTimes)}.`;
}

function unknownLine({ unknown }: Summary): string {
  const { executed, refused, cancelled, unresolved, by } = unknown;
  if (unknown.unknown === 0) {
    return 'No outcome was unknown.';
  }
  const rest = unresolved === 0 ? 'all are resolved' : `${unresolved} COULD NOT BE RESOLVED`;
  return `Unknown outcomes: ${unknown.unknown}. ${executed} turned out executed, ${refused} refused, ${cancelled} cancelled, ${rest}: ${by.own} by the process that had asked, ${by.other} by another one, ${by.end} in the end; ${unknown.with.retry} by retries, ${unknown.with.cancel} by cancelling.`;
}

function movedLine({ moved }: Summary): string {
  const { transfers, returned, holds, captures, voids, refunds, freezes } = moved;
  return `Transfers: ${transfers}, and ${returned} that came back. Holds: ${holds}, ${captures} captures and ${voids} voids. Refunds: ${refunds}. Freezes: ${freezes}.`;
}

function bookLine({ pages, largestItemBytes }: Summary): string {
  return `Pages turned: ${pages}. Largest head: ${largestItemBytes} bytes.`;
}

function historyLine({ history }: Summary): string {
  const { events, accounts, checkMs } = history;
  return `History: ${events} events on ${accounts} accounts, checked in ${Math.round(checkMs)} ms.`;
}

function times(latency: Latency | undefined): string {
  if (latency === undefined) {
    return 'no times';
  }
  const [p50, p99, worst] = [latency.p50Ms, latency.p99Ms, latency.worstMs].map(Math.round);
  return `p50 ${p50} ms, p99 ${p99} ms, worst ${worst} ms`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
