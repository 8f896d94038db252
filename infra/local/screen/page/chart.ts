import type { RegionState } from '../../region.ts';
import type { CallSeen } from '../news.ts';

/** One second of a Region. */
export interface Second {
  readonly calls: number;
  /** Its state; when it was not up for a part of the second, that one. */
  readonly state: RegionState;
}

/** Seconds that are drawn. */
export const SECONDS_DRAWN = 60;

/** A minute without calls. */
export function emptyChart(): readonly Second[] {
  return Array.from({ length: SECONDS_DRAWN }, () => ({ calls: 0, state: 'up' }));
}

/** Begins as many new seconds as have passed. */
export function laterSeconds(
  seconds: readonly Second[],
  passed: number,
  state: RegionState,
): readonly Second[] {
  const begun = Array.from({ length: Math.min(passed, SECONDS_DRAWN) }, () => ({ calls: 0, state }));
  return [...seconds, ...begun].slice(-SECONDS_DRAWN);
}

/** Adds to the present second. */
export function addToSecond(
  seconds: readonly Second[],
  calls: number,
  state: RegionState,
): readonly Second[] {
  const present = seconds.at(-1) ?? { calls: 0, state };
  const now = { calls: present.calls + calls, state: state === 'up' ? present.state : state };
  return [...seconds.slice(0, -1), now];
}

/** A time in which a Region was not up, in seconds from the left of the chart. */
interface Band {
  readonly state: 'down' | 'frozen';
  readonly start: number;
  readonly length: number;
}

/** A band, and where its label is: to the right of its start, to the left of its end, or nowhere, where it has no room. */
type LabelledBand = Band & { readonly label: 'right' | 'left' | 'none' };

/** Width of a label on a narrow phone, in seconds of the chart. */
const LABEL_SECONDS = 24;

/** The bands of a Region, oldest first. A label that would touch the one of a later band is left out. */
export function bandsOf(seconds: readonly Second[]): readonly LabelledBand[] {
  let free = SECONDS_DRAWN;
  const label = (band: Band): LabelledBand => {
    const isLate = band.start >= SECONDS_DRAWN / 2;
    const end = isLate ? band.start + band.length : band.start + LABEL_SECONDS;
    if (end > free) {
      return { ...band, label: 'none' };
    }
    free = end - LABEL_SECONDS;
    return { ...band, label: isLate ? 'left' : 'right' };
  };
  return unlabelledBands(seconds).toReversed().map(label).toReversed();
}

function unlabelledBands(seconds: readonly Second[]): readonly Band[] {
  const bands: Band[] = [];
  for (const [start, { state }] of seconds.entries()) {
    const last = bands.at(-1);
    if (state !== 'up') {
      const goesOn = last?.state === state && last.start + last.length === start;
      const band = goesOn ? { ...last, length: last.length + 1 } : { state, start, length: 1 };
      bands.splice(goesOn ? -1 : bands.length, 1, band);
    }
  }
  return bands;
}

/** True for a call that the picture and the chart show. Those that read are left out, since the page reads the account by itself. */
export function isShown({ key, outcome }: CallSeen): boolean {
  return key !== '' && outcome !== 'acknowledged';
}

/** What fills the chart from bottom to top: 5, 10, 20, 50 and so on. */
export function topOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 5)));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= Math.max(most, 5)) ?? most;
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}
