import { type Invariant, isKept } from './judge.ts';
import type { Latency, PhaseReport, Report } from './report.ts';

/** A promise that was broken a thousand times is told by its first breaches. */
const MAX_EXAMPLES = 5;

/** The report as people read it. */
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
    ...report.invariants.flatMap(invariant),
    '',
    report.ok ? 'Passed.' : 'NOT PASSED.',
  ].join('\n');
}

/** The report as programs read it: one line, with amounts as strings as on the wire. */
export function toJson(report: Report): string {
  const limited = report.invariants.map((each) => ({
    ...each,
    kept: isKept(each),
    broken: { count: each.broken.length, examples: each.broken.slice(0, MAX_EXAMPLES) },
    open: { count: each.open.length, examples: each.open.slice(0, MAX_EXAMPLES) },
  }));
  return JSON.stringify({ ...report, invariants: limited }, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

function table(phases: readonly PhaseReport[]): string[] {
  const regions = [...new Set(phases.flatMap((phase) => Object.keys(phase.regions)))].sort();
  const head = [
    '',
    'time',
    'calls',
    'executed',
    'balances',
    'refused',
    'unavailable',
    'unknown',
    ...regions,
    'failed over',
    'median',
    'p99',
    'worst',
  ];
  const rows = phases.map(
    ({ phase, durationMs, calls, outcomes, regions: answered, failedOver, latency }) => [
      phase,
      seconds(durationMs),
      calls,
      outcomes.executed,
      outcomes.told,
      outcomes.refused,
      outcomes.not_executed,
      outcomes.unknown,
      ...regions.map((region) => answered[region] ?? 0),
      failedOver,
      ...latencyCells(latency),
    ],
  );
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}

function latencyCells(latency: Latency | undefined): string[] {
  if (latency === undefined) return ['-', '-', '-'];
  const { medianMs, p99Ms, worstMs } = latency;
  return [medianMs, p99Ms, worstMs].map((valueMs) => `${Math.round(valueMs)} ms`);
}

function traffic({ traffic: went, fault, phases }: Report): string[] {
  const { failovers, away, firstLeftAfterMs, allBackAfterMs, awayForMs } = went;
  if (failovers === 0) {
    const isFelt = phases.some(({ outcomes }) => outcomes.not_executed + outcomes.unknown > 0);
    return [
      isFelt
        ? 'No client went over to the other Region.'
        : 'No client went over to the other Region: the fault was not felt, and this drill proves little.',
    ];
  }
  // What nobody has started nor stopped through the drill has no beginning and no end that the drill knows of.
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

function unknown({ unknown: { unknown: count, executed, refused, cancelled, unsettled } }: Report): string[] {
  if (count === 0) return ['No outcome was unknown.'];
  const rest = unsettled === 0 ? 'and all are settled' : `and ${unsettled} COULD NOT BE SETTLED`;
  return [
    `Unknown outcomes: ${count}. ${executed} turned out executed, ${refused} refused, ${cancelled} cancelled, ${rest}.`,
  ];
}

/** A refusal that no drill asks for, such as one of the gateway, is worth a look. */
function refusals(phases: readonly PhaseReport[]): string[] {
  const counts = new Map<string, number>();
  for (const [code, count] of phases.flatMap(({ refusals: each }) => Object.entries(each))) {
    counts.set(code, (counts.get(code) ?? 0) + count);
  }
  const listed = [...counts].map(([code, count]) => `${count} ${code.replaceAll('_', ' ')}`);
  return listed.length === 0 ? [] : [`Refusals: ${listed.join(', ')}.`];
}

function invariant(each: Invariant): string[] {
  const { name, says, checked, broken, open } = each;
  const verdict = broken.length > 0 ? 'BROKEN' : open.length > 0 ? 'OPEN' : 'ok';
  const counts = [
    `${checked} checked`,
    ...(broken.length > 0 ? [`${broken.length} broken`] : []),
    ...(open.length > 0 ? [`${open.length} not to be found out`] : []),
  ].join(', ');
  return [
    `${verdict.padEnd(7)} ${name.padEnd(4)} ${says} (${counts})`,
    ...[...broken, ...open].slice(0, MAX_EXAMPLES).map((example) => `             ${example}`),
  ];
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
