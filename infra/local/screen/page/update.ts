import { describeEvent } from '../../../../client/command/describe.ts';
import type { BankEvent } from '../../../../client/index.ts';
import type { News } from '../news.ts';
import { addToSecond, isShown, laterSeconds } from './chart.ts';
import { dotsOfCalls, dotsOfEvent, withoutOld } from './dots.ts';
import type {
  AccountPanel,
  Attempt,
  CallRow,
  Load,
  PageEvent,
  PanelBook,
  RegionBox,
  State,
} from './state.ts';
import { afterDeposit, afterState } from './steps.ts';
import { stateLine } from './words.ts';

/** Calls that are kept, and lines of each: with both Regions down, a call has an attempt every second. */
const MAX_CALLS = 50;
const MAX_LINES = 60;

/** What the page shows after an event. */
export function update(before: State, event: PageEvent, nowMs: number): State {
  const state = withSeconds({ ...before, nowMs, dots: withoutOld(before.dots, nowMs) });
  switch (event.type) {
    case 'news':
      return withNews(state, event.news);
    case 'silence':
      // The bank keeps its balances in memory: the one that is started next knows none of them.
      return { ...state, link: 'lost', account: { ...state.account, isPresent: false } };
    case 'second':
      return state;
    case 'call': {
      const { call, isRetry } = event;
      const number = (state.calls[0]?.number ?? 0) + 1;
      const sent = { number, call, isRetry, startedMs: nowMs };
      const row: CallRow = { ...sent, attempts: [], lines: [], ended: undefined };
      return { ...state, calls: [row, ...state.calls].slice(0, MAX_CALLS) };
    }
    case 'client':
      return withClientEvent(state, event.event);
    case 'answer': {
      const { answer } = event;
      const isDeposit = state.calls[0]?.call.what === 'deposit' && answer.kind === 'balance';
      return {
        ...onLastCall(state, (row) => ({ ...row, ended: { answer, atMs: nowMs } })),
        steps: isDeposit && !state.calls[0]?.isRetry ? afterDeposit(state.steps) : state.steps,
      };
    }
    case 'account':
      return { ...state, account: { name: event.name, book: undefined, isPresent: false } };
    case 'book':
      return { ...state, account: withBook(state, event.book) };
    case 'act':
      return { ...onRegion(state, event.region, { doing: event.verb }), problem: '' };
    case 'acted': {
      const after = onRegion(state, event.region, { doing: undefined });
      return 'news' in event.result
        ? withNews(after, event.result.news)
        : { ...after, problem: event.result.problem };
    }
    case 'copied':
      return { ...state, copied: event.copied };
    case 'dismissed':
      return { ...state, steps: { ...state.steps, isDismissed: true } };
    case 'load': {
      const isSameRun = prefixOf(state.load) === prefixOf(event.load);
      return { ...state, load: event.load, replays: isSameRun ? state.replays : 0 };
    }
  }
}

/** Moves the charts on. Ticks are not counted: in a hidden page they come once a minute. */
function withSeconds(state: State): State {
  const passed = Math.floor((state.nowMs - state.secondMs) / 1000);
  if (passed < 0) {
    // The clock was set back.
    return { ...state, secondMs: state.nowMs };
  }
  return passed === 0
    ? state
    : {
        ...state,
        secondMs: state.secondMs + 1000 * passed,
        regions: state.regions.map((box) => ({
          ...box,
          seconds: laterSeconds(box.seconds, passed, seenState(state, box)),
        })),
      };
}

/** Before the first news, a Region is not drawn as one that is down. */
function seenState({ link }: State, { state }: RegionBox) {
  return link === 'open' ? state : 'up';
}

function withNews(state: State, news: News): State {
  const shown = news.calls.filter(isShown);
  const regions = state.regions.map((box) => {
    const now = news.regions.find(({ region }) => region === box.region) ?? box;
    const own = shown.filter(({ region }) => region === box.region).length;
    // The first news is the present state, and not a change of it.
    const hasChanged = state.link === 'open' && now.state !== box.state;
    return {
      ...box,
      ...now,
      sinceMs: hasChanged ? state.nowMs : now.state === box.state ? box.sinceMs : undefined,
      seconds: addToSecond(box.seconds, own, now.state),
    };
  });
  const changed = regions.filter(({ sinceMs }, index) => sinceMs !== state.regions[index]?.sinceMs);
  const others = shown.filter(({ key }) => !state.calls.some(({ call }) => call.key === key));
  const prefix = prefixOf(state.load);
  const replays = shown.filter(
    ({ outcome, account }) => outcome === 'replayed' && prefix !== undefined && account.startsWith(prefix),
  );
  return {
    ...state,
    link: 'open',
    regions,
    // While no Region is up, the account cannot be read.
    account: regions.some((box) => box.state === 'up')
      ? state.account
      : { ...state.account, isPresent: false },
    dots: dotsOfCalls(state.dots, others, placesOf(state), state.nowMs),
    notice: changed.length === 0 ? state.notice : changed.map(stateLine).join(', '),
    steps: afterState(state.steps, regions[0]?.state),
    replays: state.replays + replays.length,
  };
}

function placesOf({ regions }: State): readonly string[] {
  return regions.map(({ region }) => region);
}

/** The client makes one call at a time, so its events belong to the newest one. */
function withClientEvent(state: State, event: BankEvent): State {
  const after = onLastCall(state, (row) => ({
    ...row,
    attempts: withAttempt(row.attempts, event),
    lines: [...row.lines, ...linesOf(event, state.nowMs)].slice(-MAX_LINES),
  }));
  return {
    ...after,
    preferred: event.type === 'endpoint_changed' ? event.to.name : state.preferred,
    dots: dotsOfEvent(state.dots, event, placesOf(state), state.nowMs),
  };
}

function linesOf(event: BankEvent, atMs: number) {
  const text =
    event.type === 'endpoint_changed' ? `calls go to ${event.to.name} from now on` : describeEvent(event);
  return text === undefined ? [] : [{ atMs, text }];
}

function withAttempt(attempts: readonly Attempt[], event: BankEvent): readonly Attempt[] {
  switch (event.type) {
    case 'attempt_started': {
      const started: Attempt = { region: event.endpoint.name, state: 'running', durationMs: 0 };
      return [...attempts, started].slice(-MAX_LINES);
    }
    case 'attempt_answered':
    case 'attempt_failed': {
      const state = event.type === 'attempt_answered' ? 'answered' : 'failed';
      const region = event.endpoint.name;
      return attempts.map((attempt) =>
        attempt.state === 'running' && attempt.region === region
          ? { region, state, durationMs: event.durationMs }
          : attempt,
      );
    }
    default:
      return attempts;
  }
}

/**
 * A book of an account that is no longer in the form is not shown. If the book cannot be read, or the bank ends meanwhile, the one before
 * stays, as old.
 */
function withBook(state: State, book: PanelBook | undefined): AccountPanel {
  const panel = state.account;
  if (book === undefined) {
    return { ...panel, isPresent: false };
  }
  return book.account === panel.name ? { ...panel, book, isPresent: canBeRead(state) } : panel;
}

/** True while a Region is up, by the latest news. */
export function canBeRead({ link, regions }: State): boolean {
  return link === 'open' && regions.some(({ state }) => state === 'up');
}

/** The beginning of the names of a run's accounts; undefined before the first run. */
function prefixOf(load: Load): string | undefined {
  return load.phase === 'idle' ? undefined : load.prefix;
}

function onRegion(state: State, region: string, change: Pick<RegionBox, 'doing'>): State {
  const regions = state.regions.map((box) => (box.region === region ? { ...box, ...change } : box));
  return { ...state, regions };
}

function onLastCall(state: State, change: (row: CallRow) => CallRow): State {
  const [last, ...before] = state.calls;
  return last === undefined ? state : { ...state, calls: [change(last), ...before] };
}
