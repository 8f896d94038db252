import { CONTENDER_NAMES, CONTENDERS } from '../../contenders/contender.ts';
import type { Spread } from '../../throughput.ts';
import { count } from '../format.ts';
import { SERIES } from '../style.ts';

export const SPREAD_TITLES: Readonly<Record<Spread, string>> = {
  many_accounts: 'many accounts',
  one_account: 'one account',
};

export function perCallers(callers: number): string {
  return count(callers, 'caller');
}

/** Each contender in its colour, wherever it is drawn. */
export function contenderColors(): { domain: string[]; range: string[] } {
  return { domain: CONTENDER_NAMES.map((name) => CONTENDERS[name].title), range: [...SERIES] };
}

/** Ticks of a logarithmic axis: powers of ten only, each with its label. */
export function decades(least: number, most: number): number[] {
  const from = Math.floor(Math.log10(least));
  const to = Math.ceil(Math.log10(most));
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index)).filter(
    (tick) => tick >= least && tick <= most,
  );
}

/** A number of an axis: `0.1`, `10`, `1,000`. */
export function tickLabel(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
