import type { BankEvent } from '../../../../client/index.ts';
import type { CallSeen } from '../news.ts';

/**
 * A dot that moves on a line of the picture: `ask` goes from the calls to a Region and stays there until it `isOver`, `write` goes
 * on to the table and back, `reply` goes back to the calls, and `lost` bursts at the Region.
 */
export interface Dot {
  readonly number: number;
  readonly path: 'ask' | 'write' | 'reply' | 'lost';
  /** Place of the Region, from 0. */
  readonly place: number;
  /** How long after it was drawn it begins. */
  readonly delayMs: number;
  readonly beginsMs: number;
  readonly isOver: boolean;
}

export interface Dots {
  readonly moving: readonly Dot[];
  readonly made: number;
  /** When the dot of the last attempt arrives. The next dot begins no earlier, however quickly that attempt failed. */
  readonly freeMs: number;
}

/** How long a dot takes from one box to the next; the style has the same. */
export const LEG_MS = 260;
/** Nothing moves for longer than this after its beginning. */
const LIFE_MS = 4 * LEG_MS;
const MAX_DOTS = 60;
/** Dots for the calls of one news and one Region, however many these are. */
const MAX_SEEN = 4;
const APART_MS = 40;

/** The dots after an event of this page's own call. `places` are the Regions by name. */
export function dotsOfEvent(dots: Dots, event: BankEvent, places: readonly string[], nowMs: number): Dots {
  switch (event.type) {
    case 'attempt_started': {
      const beginsMs = Math.max(nowMs, dots.freeMs);
      const place = places.indexOf(event.endpoint.name);
      const asked = add(dots, { path: 'ask', place, beginsMs, isOver: false }, nowMs);
      return { ...asked, freeMs: beginsMs + LEG_MS };
    }
    case 'attempt_answered':
    case 'attempt_failed': {
      const place = places.indexOf(event.endpoint.name);
      const beginsMs = Math.max(nowMs, dots.freeMs);
      const over = {
        ...dots,
        moving: dots.moving.map((dot) =>
          dot.path === 'ask' && dot.place === place ? { ...dot, isOver: true } : dot,
        ),
      };
      if (event.type === 'attempt_failed') {
        return add(over, { path: 'lost', place, beginsMs, isOver: true }, nowMs);
      }
      const written = add(over, { path: 'write', place, beginsMs, isOver: true }, nowMs);
      return add(written, { path: 'reply', place, beginsMs: beginsMs + 2 * LEG_MS, isOver: true }, nowMs);
    }
    default:
      return dots;
  }
}

/** The dots after the calls of others, such as the command or a load test, of which only a few are drawn. */
export function dotsOfCalls(
  dots: Dots,
  calls: readonly CallSeen[],
  places: readonly string[],
  nowMs: number,
): Dots {
  return places.reduce(
    (before, region, place) =>
      calls
        .filter((call) => call.region === region)
        .slice(0, MAX_SEEN)
        .reduce((dots, _, index) => {
          const beginsMs = nowMs + index * APART_MS;
          const asked = add(dots, { path: 'ask', place, beginsMs, isOver: true }, nowMs);
          return add(asked, { path: 'write', place, beginsMs: beginsMs + LEG_MS, isOver: true }, nowMs);
        }, before),
    dots,
  );
}

/** Without those that have ended. */
export function withoutOld(dots: Dots, nowMs: number): Dots {
  const moving = dots.moving.filter(({ isOver, beginsMs }) => !isOver || beginsMs + LIFE_MS > nowMs);
  return moving.length === dots.moving.length ? dots : { ...dots, moving };
}

function add(dots: Dots, dot: Omit<Dot, 'number' | 'delayMs'>, nowMs: number): Dots {
  const made = dots.made + 1;
  const added = { ...dot, number: made, delayMs: dot.beginsMs - nowMs };
  return { ...dots, made, moving: [...dots.moving, added].slice(-MAX_DOTS) };
}
