import { render } from 'lit-html';
import type { News, RegionEndpoint } from '../news.ts';
import { createActions, timeoutsOf } from './actions.ts';
import { concerns, createReader } from './live.ts';
import { initialState, type PageEvent } from './state.ts';
import { readSteps, writeSteps } from './steps.ts';
import { update } from './update.ts';
import { view } from './view.ts';

/** The page's program: an event changes the state, and the state is drawn. Nothing else writes to the page. */
const endpoints: readonly RegionEndpoint[] = JSON.parse(
  document.getElementById('endpoints')?.textContent ?? '[]',
);

/** Where the browser remembers the steps of the first visit. */
const STEPS = 'twinbank.steps';

let state = initialState(endpoints, readSteps(remembered()), Date.now());
let isDrawing = false;

const timeouts = timeoutsOf(location.search);
const actions = createActions(endpoints, send, timeouts);
const read = createReader(endpoints, send, timeouts);
const news = new EventSource('/events');
news.onmessage = ({ data }) => send({ type: 'news', news: JSON.parse(data) as News });
news.onerror = () => send({ type: 'silence' });
// It moves the chart, counts the seconds, and has the account read again after a reading that failed.
setInterval(() => send({ type: 'second' }), 1000);
draw();

function send(event: PageEvent): void {
  const before = state;
  state = update(before, event, Date.now());
  if (state.steps !== before.steps) {
    remember(writeSteps(state.steps));
  }
  if (concerns(before, event, state)) {
    read(state.account.name, event.type === 'second');
  }
  // A load test sends hundreds of events a second, and drawing once a frame is enough.
  if (!isDrawing) {
    requestAnimationFrame(draw);
  }
  isDrawing = true;
}

function draw(): void {
  isDrawing = false;
  render(view(state, actions), document.body);
}

/** A browser may be set to keep nothing: then each visit is the first. */
function remembered(): string | null {
  try {
    return localStorage.getItem(STEPS);
  } catch {
    return null;
  }
}

function remember(text: string): void {
  try {
    localStorage.setItem(STEPS, text);
  } catch {
    // The steps are shown again, which does no harm.
  }
}
