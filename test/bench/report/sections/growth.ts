import { HABITS, type Habit, type HotAccount, type Range } from '../../growth/hot-account.ts';
import { DIMENSIONS, type Dimension, type GrowthLevel, type GrowthResult } from '../../growth/result.ts';
import { count, listed, number, ratio, spread } from '../format.ts';
import { drawGrowth, GROWTH_LEGEND } from '../plots/growth.ts';
import { numbers, type Section, type Table, words } from '../section.ts';

export const DIMENSION_TITLES: Readonly<Record<Dimension, string>> = {
  accounts: 'Accounts in the table',
  pastCalls: 'Past calls on the account',
  callers: 'Callers of one account at once',
  rememberedReplies: 'Replies that nobody gives back',
};

const HABIT_TITLES: Readonly<Record<Habit, string>> = {
  with_next_call: 'with the next call, by a client that makes many',
  after_quiet: 'by a request of its own, after a second',
  never: 'by nobody: it stays for 15 minutes',
};

/** What a call costs as things grow, and what one account can take. */
export function growthSection(result: GrowthResult): Section {
  const { hotAccount } = result;
  const { assumedWriteMs, emptyBytes, bytesPerReply } = hotAccount;
  return {
    title: 'Growth',
    paragraphs: [
      "Deposits through core and store, each giving back the reply of the one before it. All levels lie side by side and take turns, a slice of calls each. CPU is the processor time of the calling process and latency that of a call, both divided by the first level's of the same round, then in milliseconds; units are write units a call, bytes those of the largest item. The latency is that of DynamoDB Local on this machine, which does one thing at a time, so it grows with callers.",
    ],
    tables: [...DIMENSIONS.map((dimension) => levelsTable(result, dimension)), hotTable(hotAccount)],
    points: [
      `Calls a second on one account: ${listed(result.callers.map(perSecond))}, against DynamoDB Local.`,
      `What one account can take is worked out and not measured: from ${number(Math.round(emptyBytes))} bytes of an item and ${number(Math.round(bytesPerReply))} for each reply that it remembers, from 1,000 write units a second, which is what DynamoDB documents for a partition and so for one item, and from a write across Regions of ${assumedWriteMs.least} to ${assumedWriteMs.most} ms, which is assumed.`,
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
      numbers('Units'),
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

function hotTable({ callsPerSecond }: HotAccount): Table {
  return {
    caption: 'What one account can take on AWS, worked out',
    columns: [words('A reply is given back'), numbers('Calls a second')],
    rows: HABITS.map((habit) => [HABIT_TITLES[habit], rangeOf(callsPerSecond[habit])]),
  };
}

function rangeOf({ least, most }: Range): string {
  return least === most ? number(least) : `${number(least)} to ${number(most)}`;
}
