import type { CallerName, FailoverResult, Outage, OutageFigures } from './result.ts';

/** The figures that there are targets for, in milliseconds. Each is a median over the trials. */
export interface FailoverSummary {
  /** What the first answer after a kill took beyond a healthy call. */
  readonly killedExtraMs: number;
  /** The first answer when frozen or black-holed, whichever took longer, without hedging. */
  readonly frozenFirstMs: number;
  /** The same with hedging. */
  readonly frozenHedgedMs: number;
  /** What the median of the calls that follow took beyond a healthy call, under the worst of the outages. */
  readonly laterExtraMs: number;
}

const SILENT: readonly Outage[] = ['frozen', 'black_holed'];

/** Picks the bank's client out of the figures. */
export function summarizeFailover({ outages }: Pick<FailoverResult, 'outages'>): FailoverSummary {
  const of = (caller: CallerName) => outages.filter((each) => each.caller === caller);
  const silent = (caller: CallerName) => of(caller).filter(({ fault }) => SILENT.includes(fault));
  const worst = (figures: readonly OutageFigures[], pick: (figures: OutageFigures) => number) => {
    if (figures.length === 0) throw new RangeError('there are no figures to sum up');
    return Math.max(...figures.map(pick));
  };
  return {
    killedExtraMs: worst(
      of('bank').filter(({ fault }) => fault === 'killed'),
      ({ firstExtraMs }) => firstExtraMs.median,
    ),
    frozenFirstMs: worst(silent('bank'), ({ firstMs }) => firstMs.median),
    frozenHedgedMs: worst(silent('bank_hedged'), ({ firstMs }) => firstMs.median),
    laterExtraMs: worst(of('bank'), ({ followingExtraMs }) => followingExtraMs.median),
  };
}
