import { describeEvent } from '../../../../client/command/describe.ts';
import type { CallSeen, News, RegionNow } from '../news.ts';
import { headlineOf } from './hammer.ts';
import {
  type AccountPanel,
  type Hammer,
  type PageEvent,
  type PanelCall,
  type PanelMove,
  type RegionCard,
  SECONDS_DRAWN,
  type State,
  type Tone,
} from './state.ts';
import { answerLine, callLine, HEADLINES, kindOf, stateLine, tallyLine } from './words.ts';

/** Lines of the log that are kept. */
const MAX_LOG_LINES = 300;

/** Last calls that a card shows. */
const LATEST = 5;

/** What the page shows after an event. */
export function update(state: State, event: PageEvent): State {
  switch (event.type) {
    case 'news':
      return withNews(state, event.news);
    case 'silence':
      return { ...state, link: 'lost' };
    case 'second':
      return { ...state, regions: state.regions.map(nextSecond) };
    case 'call':
      return say(
        { ...state, account: asked(state.account, event.call) },
        'call',
        callLine(event.call, event.again),
      );
    case 'client':
      return event.event.type === 'endpoint_changed'
        ? say(state, 'step', `calls go to ${event.event.to.name} from now on`)
        : say(state, 'step', describeEvent(event.event));
    case 'answer': {
      const [tone, line] = answerLine(event.answer);
      return say(
        { ...state, account: { ...state.account, running: null, answer: event.answer } },
        tone,
        line,
      );
    }
    case 'book':
      return { ...state, account: { ...state.account, book: event.book } };
    case 'act':
      return onRegion(state, event.region, (card) => ({ ...card, doing: event.verb }));
    case 'acted': {
      const after = onRegion(state, event.region, (card) => ({ ...card, doing: null }));
      return 'news' in event.result
        ? withNews(after, event.result.news)
        : say(after, 'bad', event.result.problem);
    }
    case 'hammer':
      return withHammer(state, event.hammer);
  }
}

function asked(panel: AccountPanel, call: PanelCall): AccountPanel {
  return { ...panel, running: call, lastMove: isMove(call) ? call : panel.lastMove };
}

function isMove(call: PanelCall): call is PanelMove {
  return call.what !== 'balance' && call.what !== 'cancel';
}

function withNews(state: State, { regions, calls }: News): State {
  // What the page hears first is how things are, not that they have changed.
  const changes =
    state.link === 'open' ? regions.filter((now) => now.state !== cardOf(state, now)?.state) : [];
  const replays = calls.filter(({ outcome }) => outcome === 'replayed');
  const told: State = {
    ...state,
    link: 'open',
    regions: state.regions.map((card) => withCalls({ ...card, ...nowOf(regions, card) }, calls)),
    replays: state.replays + ownReplays(state.hammer, replays),
  };
  return changes.reduce((before, now) => say(before, 'region', stateLine(now)), told);
}

function cardOf(state: State, { region }: RegionNow): RegionCard | undefined {
  return state.regions.find((card) => card.region === region);
}

function nowOf(regions: readonly RegionNow[], { region }: RegionCard): RegionNow | undefined {
  return regions.find((now) => now.region === region);
}

function withCalls(card: RegionCard, all: readonly CallSeen[]): RegionCard {
  const calls = all.filter(({ region }) => region === card.region);
  if (calls.length === 0) {
    return card;
  }
  const counts = { ...card.counts };
  for (const call of calls) {
    counts[kindOf(call)] += 1;
  }
  const latest = [...calls.slice(-LATEST).reverse(), ...card.latest].slice(0, LATEST);
  const before = card.perSecond.slice(0, -1);
  return { ...card, counts, latest, perSecond: [...before, (card.perSecond.at(-1) ?? 0) + calls.length] };
}

function nextSecond(card: RegionCard): RegionCard {
  return { ...card, perSecond: [...card.perSecond.slice(1 - SECONDS_DRAWN), 0] };
}

function withHammer(state: State, hammer: Hammer): State {
  const isNew = !isSameRun(state.hammer, hammer);
  const after = { ...state, hammer, replays: isNew ? 0 : state.replays };
  if (hammer.phase === 'done') {
    const [tone, headline] = HEADLINES[headlineOf(hammer.verdict)];
    return say(after, tone, `${headline} ${tallyLine(hammer.tally)}`);
  }
  return isNew && hammer.phase !== 'idle'
    ? say(after, 'call', `hammer, ${hammer.clients} clients for ${hammer.seconds} s`)
    : after;
}

function ownReplays(hammer: Hammer, replays: readonly CallSeen[]): number {
  return hammer.phase === 'idle'
    ? 0
    : replays.filter(({ account }) => account.startsWith(hammer.prefix)).length;
}

function isSameRun(one: Hammer, other: Hammer): boolean {
  return one.phase !== 'idle' && other.phase !== 'idle' && one.prefix === other.prefix;
}

function onRegion(state: State, region: string, change: (card: RegionCard) => RegionCard): State {
  return {
    ...state,
    regions: state.regions.map((card) => (card.region === region ? change(card) : card)),
  };
}

function say(state: State, tone: Tone, text: string | undefined): State {
  if (text === undefined) {
    return state;
  }
  const number = (state.log.at(-1)?.number ?? 0) + 1;
  return { ...state, log: [...state.log, { number, tone, text }].slice(-MAX_LOG_LINES) };
}
