import { CONTENDER_NAMES, CONTENDERS, type ContenderName } from '../../contenders/contender.ts';
import type { Spread, ThroughputResult } from '../../throughput.ts';
import { number, ratio, spread as spreadOf } from '../format.ts';
import { drawLatencies } from '../plots/latencies.ts';
import { drawThroughput } from '../plots/throughput.ts';
import { numbers, type Section, type Table, words } from '../section.ts';

const CAPTIONS: Readonly<Record<Spread, string>> = {
  many_accounts: 'Calls to many accounts',
  one_account: 'All calls to one account',
};

/** Calls a second and latencies of the contenders, beside each other. */
export function throughputSection(results: readonly ThroughputResult[]): Section {
  return {
    title: 'Throughput and latency',
    paragraphs: [
      "Callers make one call after the other, half deposits and half withdrawals, from one process to one DynamoDB Local. The contenders take turns, a slice of time each, in an order that turns with every round; a ratio is the bank's calls a second divided by the other's of the same round, above 1 when the bank makes more. Its median comes first, then where the first and the last tenth of the rounds end. Latencies are in milliseconds and of all rounds. DynamoDB Local is one process on this machine that writes one item after the other: its latencies are not those of DynamoDB, and across Regions a write takes tens of milliseconds.",
    ],
    tables: (['many_accounts', 'one_account'] as const).map((spread) => tableOf(results, spread)),
    points: [],
    plots: [
      {
        caption: 'Calls a second of the bank divided by those of another. The line ends at p10 and p90.',
        svg: () => drawThroughput(results),
      },
      {
        caption: 'Latency of a call, a logarithmic scale: the dot is p50, the line ends at p99.',
        svg: () => drawLatencies(results),
      },
    ],
  };
}

function tableOf(results: readonly ThroughputResult[], spread: Spread): Table {
  return {
    caption: CAPTIONS[spread],
    columns: [
      numbers('Callers'),
      words('Contender'),
      numbers('Bank / it'),
      numbers('p10 to p90'),
      numbers('Calls/s'),
      numbers('p50 ms'),
      numbers('p99 ms'),
      numbers('max ms'),
    ],
    rows: results
      .filter((result) => result.spread === spread)
      .flatMap((result) => CONTENDER_NAMES.map((name) => rowOf(result, name))),
  };
}

function rowOf({ callers, contenders }: ThroughputResult, name: ContenderName): readonly string[] {
  const { bankVs, callsPerSecond, latencies } = contenders[name];
  return [
    String(callers),
    CONTENDERS[name].title,
    ...(name === 'bank' ? ['', ''] : [ratio(bankVs.median), spreadOf(bankVs)]),
    number(Math.round(callsPerSecond.median)),
    number(latencies.p50Ms),
    number(latencies.p99Ms),
    number(latencies.maxMs),
  ];
}
