import {
  type CallerName,
  ENDINGS,
  type EndingKind,
  type Endings,
  type FailoverResult,
  type FaultName,
  type OutageFigures,
  type SlowFigures,
} from '../../failover/result.ts';
import { count, ms, number } from '../format.ts';
import { drawFailover } from '../plots/failover.ts';
import { numbers, type Section, type Table, words } from '../section.ts';

export const FAULT_TITLES: Readonly<Record<FaultName, string>> = {
  killed: 'killed',
  frozen: 'frozen',
  black_holed: 'black hole',
  answering_503: 'answers 503',
  slow: 'slow',
};

export const CALLER_TITLES: Readonly<Record<CallerName, string>> = {
  bank: 'The client',
  bank_hedged: 'Client, hedged',
  one_address: 'One address',
  tutorial: 'The tutorial',
};

const ENDING_TITLES: Readonly<Record<Exclude<EndingKind, 'answered'>, string>> = {
  unavailable: 'unavailable',
  unknown: 'unknown',
  timed_out: 'timed out',
};

/** What callers see when their preferred Region fails. */
export function failoverSection(result: FailoverResult): Section {
  const { plan, hedgeAfterMs } = result;
  return {
    title: 'Failover',
    paragraphs: [
      `Something befalls the preferred of two Regions, each a process of its own, in ${count(plan.trials, 'trial')} of each fault, under callers who make one call after the other: the client as it is; the same with a hedge after ${ms(hedgeAfterMs)}; a client that knows one address and retries; and one that always tries the first address first, as that of the tutorial does. Frozen: the system takes the connection and nobody answers. Black hole: what is sent gets nowhere. The first call begins when the fault is there; "beyond" is what a call took more than a healthy one of the same trial.`,
    ],
    tables: [outagesTable(result), slowTable(result)],
    points: pointsOf(result),
    plots: [
      {
        caption:
          'A call while the preferred Region is out, medians. Filled: the first call. Hollow: those that follow.',
        svg: () => drawFailover(result.outages),
      },
    ],
  };
}

function outagesTable({ outages }: FailoverResult): Table {
  return {
    caption: 'The preferred Region is out, times in milliseconds',
    columns: [
      words('Fault'),
      words('Caller'),
      numbers('First'),
      numbers('beyond'),
      numbers('Later'),
      numbers('beyond'),
      words('Not answered'),
      numbers('Back'),
    ],
    rows: outages.map(outageRow),
  };
}

function outageRow(figures: OutageFigures): readonly string[] {
  const { fault, caller, firstMs, firstExtraMs, followingMs, followingExtraMs, backMs } = figures;
  return [
    FAULT_TITLES[fault],
    CALLER_TITLES[caller],
    number(firstMs.median),
    number(firstExtraMs.median),
    number(followingMs.median),
    number(followingExtraMs.median),
    notAnswered(figures.firstEnded, figures.followingEnded),
    backMs === null ? '' : number(backMs.median),
  ];
}

function slowTable({ slow }: FailoverResult): Table {
  return {
    caption: 'The preferred Region is slow, times in milliseconds',
    columns: [
      words('Caller'),
      numbers('p50'),
      numbers('p90'),
      numbers('p99'),
      numbers('max'),
      numbers('Calls'),
      words('Not answered'),
    ],
    rows: slow.map(slowRow),
  };
}

function slowRow({ caller, latencies, ended }: SlowFigures): readonly string[] {
  const { p50Ms, p90Ms, p99Ms, maxMs, calls } = latencies;
  return [
    CALLER_TITLES[caller],
    ...[p50Ms, p90Ms, p99Ms, maxMs].map(number),
    number(calls),
    notAnswered(ended),
  ];
}

/** How many calls ended how, those left out that were answered. */
function notAnswered(...ended: readonly Endings[]): string {
  return ENDINGS.filter((kind) => kind !== 'answered')
    .map((kind) => ({ kind, calls: ended.reduce((sum, each) => sum + each[kind], 0) }))
    .filter(({ calls }) => calls > 0)
    .map(({ kind, calls }) => `${number(calls)} ${ENDING_TITLES[kind]}`)
    .join(', ');
}

function pointsOf({ accounting, slowDelays }: FailoverResult): readonly string[] {
  const { calls, answered, unavailable, settled } = accounting;
  return [
    '"Back" is how long after both Regions were up the preferred one answered a caller again that had left it.',
    `A slow Region adds ${ms(slowDelays.p50Ms)} to half of the requests and ${ms(slowDelays.p99Ms)} or more to one of a hundred.`,
    `In the end the balances were checked: of ${count(calls, 'deposit')} ${number(answered)} were answered, ${number(unavailable)} certainly not executed, and ${number(settled)} of unknown outcome, which were made sure of with the same key. Each account held what these say.`,
  ];
}
