import { render } from 'lit-html';
import type { News } from '../news.ts';
import { createActions } from './actions.ts';
import { initialState, type PageEvent } from './state.ts';
import { update } from './update.ts';
import { view } from './view.ts';

/** The page's program: an event changes the state, and the state is drawn. Nothing else writes to the page. */
const endpoints = JSON.parse(document.getElementById('endpoints')?.textContent ?? '[]') as {
  region: string;
  url: string;
}[];

let state = initialState(endpoints);
let isDrawing = false;

const actions = createActions(endpoints, send);
const news = new EventSource('/events');
news.onmessage = ({ data }) => send({ type: 'news', news: JSON.parse(data) as News });
news.onerror = () => send({ type: 'silence' });
setInterval(() => send({ type: 'second' }), 1000);
draw();

function send(event: PageEvent): void {
  state = update(state, event);
  // Events come by the hundred when the hammer runs; more often than it is seen nothing need be drawn.
  if (!isDrawing) {
    requestAnimationFrame(draw);
  }
  isDrawing = true;
}

function draw(): void {
  isDrawing = false;
  render(view(state, actions), document.body);
}
