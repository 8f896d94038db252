import { toJson as formatJson } from '../../../client/command/terminal.ts';
import { checkJson, checkText, type Latency } from '../../../client/load/report.ts';
import type { Progress } from './drill.ts';
import type { PhaseReport, Report } from './report.ts';

/** The progress of a drill, in one line. */
export function formatProgress(
  { phase, calls, failovers, away }: Progress,
  elapsedMs: number,
  minutes: number,
): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} of ${minutes} min`;
  return `${phase}  ${time}  ${calls} calls  ${failovers} failovers  ${away} clients away`;
}

/** The report for people. */
export function toText(report: Report): string {
  const { run, bank, fault, clients, seed, interrupted } = report;
  return [
    `Drill ${run} of ${bank}: fault ${fault.name}, ${fault.region} preferred, ${clients} clients, seed ${seed}${interrupted ? ', ended early' : ''}`,
    '',
    ...table(report.phases),
    '',
    ...traffic(report),
    ...unknown(report),
    ...refusals(report.phases),
    `${report.leftBehindMinor} minor units are left behind, in accounts that begin with drill-${run}.`,
    ...fault.problems.map((problem) => `The fault: ${problem}`),
    '',
    ...report.checks.flatMap(checkText),
    '',
    report.ok ? 'Passed.' : 'NOT PASSED.',
  ].join('\n');
}

/** The report for programs: one line, with amounts as strings, as in HTTP. */
export function toJson(report: Report): string {
  return formatJson({ ...report, checks: report.checks.map(checkJson) });
}

function table(phases: readonly PhaseReport[]): string[] {
  const regions = [...new Set(phases.flatMap((phase) => Object.keys(phase.regions)))].sort();
  const latency = (of: (latency: Latency) => number) => (phase: PhaseReport) =>
    phase.latency === undefined ? '-' : `${Math.round(of(phase.latency))} ms`;
  const columns: readonly (readonly [string, (phase: PhaseReport) => string | number])[] = [
    ['', ({ phase }) => phase],
    ['time', ({ durationMs }) => seconds(durationMs)],
    ['calls', ({ calls }) => calls],
    ['executed', ({ executed }) => executed],
    ['balances', ({ balances }) => balances],
    ['refused', ({ refused }) => refused],
    ['not executed', ({ notExecuted }) => notExecuted],
    ['unknown', ({ unknown }) => unknown],
    ...regions.map((region) => [region, (phase: PhaseReport) => phase.regions[region] ?? 0] as const),
    ['failed over', ({ failedOver }) => failedOver],
    ['p50', latency(({ p50Ms }) => p50Ms)],
    ['p99', latency(({ p99Ms }) => p99Ms)],
    ['worst', latency(({ worstMs }) => worstMs)],
  ];
  const cells = columns.map(([name, of]) => [name, ...phases.map((phase) => String(of(phase)))]);
  const widths = cells.map((column) => Math.max(...column.map(({ length }) => length)));
  return ['', ...phases].map((_, row) =>
    cells
      .map((column, index) => {
        const [cell = '', width = 0] = [column[row], widths[index]];
        return index === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

function traffic({ traffic: went, fault, phases }: Report): string[] {
  const { failovers, away, firstLeftAfterMs, allBackAfterMs, awayForMs } = went;
  if (failovers === 0) {
    const isFelt = phases.some(({ notExecuted, unknown: inDoubt }) => notExecuted + inDoubt > 0);
    return [
      isFelt
        ? 'No client failed over to the other Region.'
        : 'No client failed over to the other Region: the fault had no effect on calls, so this drill proves little.',
    ];
  }
  // The drill knows when a fault began and ended only if it injected the fault itself.
  const isOwn = fault.name !== 'none';
  const first =
    isOwn && firstLeftAfterMs !== undefined
      ? `, the first ${seconds(firstLeftAfterMs)} after the fault began`
      : '';
  const after =
    isOwn && allBackAfterMs !== undefined ? `${seconds(allBackAfterMs)} after it had ended, ` : '';
  const back =
    awayForMs === undefined
      ? `${away} clients had not returned to ${fault.region} when the calls ended.`
      : `All were back in ${fault.region} ${after}${seconds(awayForMs)} after the first had left.`;
  return [`Failovers: ${failovers}${first}. ${back}`];
}

function unknown({
  unknown: { unknown: count, executed, refused, cancelled, unresolved },
}: Report): string[] {
  if (count === 0) {
    return ['No outcome was unknown.'];
  }
  const rest = unresolved === 0 ? 'and all are resolved' : `and ${unresolved} COULD NOT BE RESOLVED`;
  return [
    `Unknown outcomes: ${count}. ${executed} turned out executed, ${refused} refused, ${cancelled} cancelled, ${rest}.`,
  ];
}

/** Lists refusals: one that the load does not provoke, such as a refusal by the gateway, is worth a look. */
function refusals(phases: readonly PhaseReport[]): string[] {
  const counts = new Map<string, number>();
  for (const [code, count] of phases.flatMap(({ refusals: each }) => Object.entries(each))) {
    counts.set(code, (counts.get(code) ?? 0) + count);
  }
  const listed = [...counts].map(([code, count]) => `${count} ${code.replaceAll('_', ' ')}`);
  return listed.length === 0 ? [] : [`Refusals: ${listed.join(', ')}.`];
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
