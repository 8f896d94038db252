import { DIMENSIONS, type Dimension, type GrowthLevel, type GrowthResult } from '../../growth/result.ts';
import { count, listed, number, ratio, spread } from '../format.ts';
import { drawGrowth, GROWTH_LEGEND } from '../plots/growth.ts';
import { numbers, type Section, type Table } from '../section.ts';

export const DIMENSION_TITLES: Readonly<Record<Dimension, string>> = {
  accounts: 'Accounts in the table',
  entries: 'Entries of the account',
  retries: 'Entries of the account, a retry 20 minutes later',
  lateKeys: 'Entries of the account, a key that is first used 20 minutes after its minting',
  statements: 'Entries of the account, the first 100 of its statement',
  callers: 'Callers of one account at once',
};

/** What a call costs as things grow, and what one account can take. */
export function growthSection(result: GrowthResult): Section {
  const { hotAccount } = result;
  const { assumedWriteMs, emptyBytes, bytesPerEntry } = hotAccount;
  return {
    title: 'Growth',
    paragraphs: [
      "Deposits through core and store, with the pages that they make due, where nothing else is said. Accounts and books were filled past the bank, a book with one entry a second. All levels lie side by side and take turns, a slice of calls each. CPU is the processor time of the calling process and latency that of a call, both divided by the first level's of the same round, then in milliseconds; writes and reads are units a call, bytes those of the largest head. The latency is that of DynamoDB Local on this machine, which does one thing at a time, so it grows with callers.",
    ],
    tables: DIMENSIONS.map((dimension) => levelsTable(result, dimension)),
    points: [
      `Calls a second on one account: ${listed(result.callers.map(perSecond))}, against DynamoDB Local.`,
      `What one account can take is worked out and not measured: from ${number(Math.round(emptyBytes))} bytes of a head and ${number(Math.round(bytesPerEntry))} for each entry, from 1,000 write units a second, which is what DynamoDB documents for a partition and so for one item, and from a write across Regions of ${assumedWriteMs.least} to ${assumedWriteMs.most} ms, which is assumed.`,
      ...hotAccount.advice,
    ],
    plots: DIMENSIONS.map((dimension) => ({
      caption: DIMENSION_TITLES[dimension],
      legend: GROWTH_LEGEND,
      isHalf: true,
      svg: () => drawGrowth(dimension, result[dimension]),
    })),
  };
}

function levelsTable(result: GrowthResult, dimension: Dimension): Table {
  return {
    caption: DIMENSION_TITLES[dimension],
    columns: [
      numbers(''),
      numbers('Requests'),
      numbers('Writes'),
      numbers('Reads'),
      numbers('Bytes'),
      numbers('CPU'),
      numbers('p10 to p90'),
      numbers('Latency'),
      numbers('p10 to p90'),
      numbers('CPU ms'),
      numbers('ms'),
    ],
    rows: result[dimension].map(levelRow),
  };
}

function levelRow(level: GrowthLevel): readonly string[] {
  const { processorVsFirst, latencyVsFirst } = level;
  return [
    number(level.level),
    ratio(level.requests),
    ratio(level.writeUnits),
    ratio(level.readUnits),
    number(level.itemBytes),
    ratio(processorVsFirst.median),
    spread(processorVsFirst),
    ratio(latencyVsFirst.median),
    spread(latencyVsFirst),
    number(level.processorMs.median),
    number(level.latencyMs.median),
  ];
}

function perSecond({ level, callsPerSecond }: GrowthLevel): string {
  return `${number(Math.round(callsPerSecond.median))} from ${count(level, 'caller')}`;
}
