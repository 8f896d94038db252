import type { Summary } from '../summary.ts';
import { kilobytes, ms, ratio } from './format.ts';

/** A figure that the bank has set itself a goal for. */
export interface Goal {
  readonly name: string;
  readonly figure: number;
  /** The figure as it is told, with its unit. */
  readonly says: string;
  /** What it is held against, in words: `at least 0.85`. */
  readonly goal: string;
  readonly reached: boolean;
}

/** What a figure is held against. */
interface Bound {
  readonly goal: string;
  readonly holds: (figure: number) => boolean;
}

/** The figures that there are goals for, in the order in which they are told. */
export function goals(summary: Summary): readonly Goal[] {
  const { failover, growth } = summary;
  return [
    goal('Requests to DynamoDB a call, pages included', summary.requestsPerCall, atMost(1.2)),
    goal('Write units a call, pages included', summary.writeUnitsPerCall, atMost(1.35)),
    goal('Requests a call for the cache, more', summary.cacheRequestsPerCall, atMost(0.1)),
    goal('Write units a call for the cache, more', summary.cacheWriteUnitsPerCall, atMost(1)),
    ...byCallers('bare UpdateItem', summary.throughputVsBare, atLeast(0.85)),
    ...byCallers('Powertools Idempotency', summary.throughputVsPowertools, atLeast(2.5)),
    ...byCallers('TransactWriteItems', summary.throughputVsTransaction, above(1)),
    goal('Processor time of the function, divided by bare SDK', summary.handlerCpuVsBare, atMost(1.35)),
    goal('Calls a second of the client, divided by bare fetch', summary.clientVsFetch, atLeast(0.9)),
    goal('The same, to a Region that moves the money', summary.clientVsFetchToRegion, atLeast(0.9)),
    goal('Time to first answer, divided by SDK alone', summary.coldStartVsSdkOnly, atMost(1.2)),
    goal(
      `Bytes of the bundle (${kilobytes(summary.bundleBytes)}), divided by SDK alone`,
      summary.bundleVsSdkOnly,
      atMost(1.2),
    ),
    goal('First answer after a kill, beyond a healthy one', failover.killedExtraMs, atMost(10, ms), ms),
    goal('First answer from a silent Region', failover.frozenFirstMs, atMost(2100, ms), ms),
    goal('First answer from a silent Region, hedged', failover.frozenHedgedMs, atMost(300, ms), ms),
    goal('Calls that follow, beyond healthy ones', failover.laterExtraMs, atMost(2, ms), ms),
    goal('Cost of a call, most accounts divided by fewest', growth.accountsVsSmallest, within(0.1)),
    goal('Cost of a call, longest book divided by shortest', growth.entriesVsFewest, within(0.1)),
    goal('Requests of a retry 20 minutes later, longest book', growth.retryRequests, atMost(3)),
    goal('Requests of the first 100 of a statement, longest book', growth.statementRequests, atMost(3)),
    goal('Head with 64 callers of one account', growth.headBytes, atMost(8000, kilobytes), kilobytes),
  ];
}

function goal(
  name: string,
  figure: number,
  { goal: bound, holds }: Bound,
  as: (value: number) => string = ratio,
): Goal {
  return { name, figure, says: as(figure), goal: bound, reached: holds(figure) };
}

function byCallers(other: string, ratios: Summary['throughputVsBare'], bound: Bound): readonly Goal[] {
  return Object.entries(ratios).map(([callers, figure]) =>
    goal(
      `Calls a second, divided by ${other}, ${callers} ${callers === '1' ? 'caller' : 'callers'}`,
      figure,
      bound,
    ),
  );
}

function atLeast(value: number): Bound {
  return { goal: `at least ${ratio(value)}`, holds: (figure) => figure >= value };
}

function above(value: number): Bound {
  return { goal: `above ${ratio(value)}`, holds: (figure) => figure > value };
}

function atMost(value: number, as: (value: number) => string = ratio): Bound {
  return { goal: `at most ${as(value)}`, holds: (figure) => figure <= value };
}

function within(part: number): Bound {
  return {
    goal: `${ratio(1 - part)} to ${ratio(1 + part)}`,
    holds: (figure) => figure >= 1 - part && figure <= 1 + part,
  };
}
