import { html, svg, type TemplateResult } from 'lit-html';
import type { CallSeen, Verb } from '../news.ts';
import type { Actions } from './actions.ts';
import { type Kind, type RegionCard, SECONDS_DRAWN } from './state.ts';
import { count, kindOf, phrase, VERB_WORDS } from './words.ts';

const KINDS: readonly (readonly [Kind, string])[] = [
  ['executed', 'executed'],
  ['replayed', 'replayed'],
  ['refused', 'refused'],
  ['other', 'other'],
];

/** One Region: how it is, what it does, and the two plugs that can be pulled. `isKnown` is false until it is known how it is. */
export function regionView(
  card: RegionCard,
  index: number,
  isKnown: boolean,
  actions: Actions,
): TemplateResult {
  const { region, url, pid, counts, latest } = card;
  const state = isKnown ? card.state : 'unknown';
  const title = `region-${index}`;
  return html`
    <section class="card region region${index} ${state}" aria-labelledby=${title}>
      <div class="name">
        <h2 id=${title}>${region}</h2>
        <span class="state"><span class="dot" aria-hidden="true"></span>${isKnown ? card.state : '...'}</span>
      </div>
      <p class="faint where">
        <span>${new URL(url).host}${pid === null ? '' : `, pid ${pid}`}</span>
        <span>${count(lastSecond(card))} calls/s</span>
      </p>
      ${trafficView(card)}
      <dl class="counts">
        ${KINDS.map(([kind, word]) => html`<div><dt>${word}</dt><dd>${count(counts[kind])}</dd></div>`)}
      </dl>
      <ol class="calls" aria-label="Last calls in ${region}">
        ${latest.length === 0 ? html`<li class="faint">No calls yet.</li>` : latest.map(callView)}
      </ol>
      <div class="buttons">
        ${verbButton(card, isKnown, state === 'down' ? 'start' : 'kill', true, actions)}
        ${verbButton(card, isKnown, state === 'frozen' ? 'thaw' : 'freeze', state !== 'down', actions)}
      </div>
    </section>
  `;
}

/** Two buttons whatever the state, so that the one in focus stays where it is when its meaning changes. */
function verbButton(
  { region, doing }: RegionCard,
  isKnown: boolean,
  verb: Verb,
  isPossible: boolean,
  actions: Actions,
): TemplateResult {
  const [word, doingWord] = VERB_WORDS[verb];
  const isReady = isKnown && isPossible && doing === null;
  const act = () => (isReady ? actions.act(region, verb) : undefined);
  return html`<button type="button" class=${verb} aria-disabled=${!isReady} @click=${act}>
    ${doing === verb ? `${doingWord} ...` : word}<span class="unseen"> ${region}</span>
  </button>`;
}

function callView(call: CallSeen): TemplateResult {
  const { operation, account, outcome, durationMs } = call;
  return html`<li>
    <span class="what">${phrase(operation)} ${account}</span>
    <span class="outcome ${kindOf(call)} ${outcome}">${phrase(outcome)}</span>
    <span class="took">${durationMs.toFixed(1)} ms</span>
  </li>`;
}

const CHART_HEIGHT = 40;
/** Calls a second that fill the chart when there are fewer. */
const LEAST_TOP = 5;

/** Calls a second over the last minute, one bar a second: the shape of what the numbers around it say. */
function trafficView({ perSecond }: RegionCard): TemplateResult {
  const top = Math.max(LEAST_TOP, ...perSecond);
  const bars = perSecond.map((calls, index) => {
    const height = calls === 0 ? 0 : Math.max(1.5, (calls / top) * CHART_HEIGHT);
    return svg`<rect x=${index + 0.12} y=${CHART_HEIGHT - height} width="0.76" height=${height}></rect>`;
  });
  return html`
    <svg class="traffic" viewBox="0 0 ${SECONDS_DRAWN} ${CHART_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
  `;
}

/** The present second is not over, so that its number would always be too small. */
function lastSecond({ perSecond }: RegionCard): number {
  return perSecond.at(-2) ?? 0;
}
