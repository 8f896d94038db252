import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Verb } from '../news.ts';
import type { Actions } from './actions.ts';
import type { Dot } from './dots.ts';
import type { AccountPanel, RegionBox, State } from './state.ts';
import { besideLine, count, sinceLine, VERB_WORDS } from './words.ts';

/** The whole bank: the calls, the two Regions that take them, and the one table with the balance. */
export function pictureView(state: State, actions: Actions): TemplateResult {
  const { regions, dots, account, notice } = state;
  const asks = dots.moving.filter(({ path }) => path !== 'write');
  const writes = dots.moving.filter(({ path }) => path === 'write');
  return html`
    <section class="picture" aria-label="The bank">
      <div class="box callers"><span>Your calls</span></div>
      ${lanesView(state, 'asking', asks)}
      <div class="regions">${regions.map((box, place) => regionView(box, place, state, actions))}</div>
      ${lanesView(state, 'writing', writes)}
      ${tableView(account)}
      <p class="unseen" role="status">${notice}</p>
    </section>
  `;
}

/** The lines between two columns of boxes, which fan out on the side of the calls, and join on the side of the table. */
function lanesView(state: State, side: 'asking' | 'writing', dots: readonly Dot[]): TemplateResult {
  const lines = state.regions.map(({ region, state: now }, place) => {
    const fan = 25 + 50 * place;
    const preferred = side === 'asking' && region === state.preferred ? 'preferred' : '';
    return svg`<line class="region${place} ${stateOf(state, now)} ${preferred}" x1="0" x2="100"
      y1=${side === 'asking' ? 50 : fan} y2=${side === 'asking' ? fan : 50}></line>`;
  });
  return html`
    <div class="lanes" aria-hidden="true">
      <svg viewBox="0 0 100 100" preserveAspectRatio="none">${lines}</svg>
      ${repeat(
        dots,
        ({ number }) => number,
        ({ path, place, isOver, delayMs }) =>
          html`<i class="dot ${path} region${place} ${isOver ? 'over' : ''}" 
            .style=${`animation-delay: ${delayMs}ms`}></i>`,
      )}
    </div>
  `;
}

function stateOf({ link }: State, state: RegionBox['state']): RegionBox['state'] | 'unknown' {
  return link === 'open' ? state : 'unknown';
}

/** One Region: its state, since when, and its two buttons. */
function regionView(box: RegionBox, place: number, state: State, actions: Actions): TemplateResult {
  const now = stateOf(state, box.state);
  const since = now === 'up' ? '' : sinceLine(box, state.nowMs);
  const title = `region-${place}`;
  return html`
    <section class="box region region${place} ${now}" aria-labelledby=${title}>
      <div class="name">
        <h2 id=${title}>${box.region}</h2>
        <p><span class="state">${now === 'unknown' ? '...' : now}</span>${since === '' ? nothing : html` <span>${since}</span>`}</p>
        <p class="faint where">${new URL(box.url).host}${box.pid === null ? '' : `, pid ${box.pid}`}</p>
      </div>
      <div class="buttons">
        ${verbButton(box, now, box.state === 'down' ? 'start' : 'kill', true, actions)}
        ${verbButton(box, now, box.state === 'frozen' ? 'thaw' : 'freeze', box.state !== 'down', actions)}
      </div>
    </section>
  `;
}

/** There are two buttons in every state, so that the one in focus stays where it is when its meaning changes. */
function verbButton(
  { region, doing }: RegionBox,
  now: RegionBox['state'] | 'unknown',
  verb: Verb,
  isPossible: boolean,
  actions: Actions,
): TemplateResult {
  const [word, doingWord] = VERB_WORDS[verb];
  const isReady = now !== 'unknown' && isPossible && doing === undefined;
  const act = () => (isReady ? actions.act(region, verb) : undefined);
  return html`<button type="button" class=${verb} aria-disabled=${!isReady} @click=${act}>
    ${doing === verb ? doingWord : word}<span class="unseen"> ${region}</span>
  </button>`;
}

function tableView({ name, book, isPresent }: AccountPanel): TemplateResult {
  const number = book?.kind === 'open' ? count(book.balance) : book?.kind === 'none' ? '0' : '...';
  const beside = [
    book?.kind === 'none' ? 'the first deposit opens it' : '',
    book?.kind === 'open' ? besideLine(book) : '',
    book !== undefined && !isPresent ? 'last known' : '',
  ];
  return html`
    <section class="box table" aria-labelledby="table-title">
      <h2 id="table-title">One table for both</h2>
      <div>
        <p class="account"><span>Balance of </span>${name}</p>
        <p class="number ${isPresent ? '' : 'faint'}" .style=${`--digits: ${number.length}`}>${number}</p>
        <p class="faint beside">${beside.filter((words) => words !== '').join(', ')}</p>
      </div>
    </section>
  `;
}
