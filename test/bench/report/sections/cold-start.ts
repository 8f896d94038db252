import {
  type BundleSize,
  type ColdStartResult,
  PROGRAMS,
  type Program,
  type StartTimes,
} from '../../cold-start/result.ts';
import { kilobytes, ms, ratio, spread } from '../format.ts';
import { drawParts } from '../plots/parts.ts';
import { drawStarts, STARTS_LEGEND } from '../plots/starts.ts';
import { numbers, type Section, type Table, words } from '../section.ts';

export const PROGRAM_TITLES: Readonly<Record<Program, string>> = {
  bank: 'The bank',
  sdk_only: 'SDK alone',
};

const TIMES: Readonly<Record<keyof StartTimes, string>> = {
  answeredMs: 'to the first answer',
  bootMs: 'of it, Node starts',
  importMs: 'of it, the bundle is read and run',
  firstCallMs: 'of it, the first call',
  processorMs: 'processor time',
};

/** How long a fresh process takes to its first answer, and what it is made of. */
export function coldStartSection(result: ColdStartResult): Section {
  const { starts, node } = result;
  const times = starts.bank.answeredMs.samples;
  return {
    title: 'Cold start',
    paragraphs: [
      `The deployed bundle of the function is started ${times} times in a fresh process of Node ${node} and makes one deposit, in turns with a function that only imports the SDK and makes one write. Lambda starts a machine first, which no figure here contains. In brackets: p10 to p90.`,
    ],
    tables: [startsTable(result), bundlesTable(result)],
    points: [],
    plots: [
      {
        caption: 'From the start of the process to the first answer, medians.',
        legend: STARTS_LEGEND,
        svg: () => drawStarts(result),
      },
      { caption: "What the bank's bundle is made of.", svg: () => drawParts(result) },
    ],
  };
}

function startsTable({ starts, ratios }: ColdStartResult): Table {
  return {
    caption: 'Time of a start',
    columns: [words('Time'), numbers('Ratio'), ...programColumns()],
    rows: (Object.keys(TIMES) as (keyof StartTimes)[]).map((time) => [
      TIMES[time],
      ratio(ratios[time]),
      ...PROGRAMS.map((program) => {
        const measured = starts[program][time];
        return `${ms(measured.median)} (${spread(measured, (value) => value.toFixed(0))})`;
      }),
    ]),
  };
}

function bundlesTable({ bundles, ratios }: ColdStartResult): Table {
  const row = (what: string, size: keyof BundleSize) => [
    what,
    ratio(ratios[size]),
    ...PROGRAMS.map((program) => kilobytes(bundles[program][size])),
  ];
  return {
    caption: 'Size of a bundle',
    columns: [words('Size'), numbers('Ratio'), ...programColumns()],
    rows: [row('as it is', 'bytes'), row('compressed', 'gzippedBytes')],
  };
}

function programColumns() {
  return PROGRAMS.map((program) => numbers(PROGRAM_TITLES[program]));
}
