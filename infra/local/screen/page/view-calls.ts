import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Actions } from './actions.ts';
import { sumOf } from './chart.ts';
import { bankOf, curlOf } from './same-call.ts';
import type { CallRow, State } from './state.ts';
import { callLine, count, resultLine, timeOf } from './words.ts';

/** The calls of this page, the newest first. Each opens to what the client did for it, and to the same call without the page. */
export function callsView(state: State, actions: Actions): TemplateResult {
  return html`
    <section class="card" aria-labelledby="calls-title">
      <h2 id="calls-title">Calls</h2>
      ${
        state.calls.length === 0
          ? html`<p class="faint">Each call of this page gets a row here, with its attempts and its key.</p>`
          : html`<ol class="calls" aria-labelledby="calls-title">${repeat(
              state.calls,
              ({ number }) => number,
              (row) => rowView(row, state, actions),
            )}</ol>`
      }
    </section>
  `;
}

function rowView(row: CallRow, state: State, actions: Actions): TemplateResult {
  const { call, isRetry, startedMs, ended } = row;
  const [tone, result] = ended === undefined ? (['', '...'] as const) : resultLine(ended.answer);
  // A cancellation is named by its key, which is too long for a row.
  const words = call.what === 'cancel' ? `cancel ${call.account}` : callLine(call);
  return html`<li><details>
    <summary>
      <time class="faint">${timeOf(new Date(startedMs))}</time>
      <span class="what">${words}${isRetry ? ', again' : ''}</span>
      ${barView(row, state)}
      <span class="result ${tone}">${result}</span>
      <span class="took faint">${ended === undefined ? '' : `${count(ended.atMs - startedMs)} ms`}</span>
    </summary>
    ${ended?.answer.kind === 'invalid' ? nothing : insideView(row, state, actions)}
  </details></li>`;
}

/** Each attempt as long as it took, in the colour of its Region; one that failed is an outline. */
function barView({ attempts }: CallRow, { regions }: State): TemplateResult {
  // However quick it was, an attempt is seen.
  const widths = attempts.map(({ durationMs }) => Math.max(durationMs, 1));
  const least = 0.12 * sumOf(widths);
  const scaled = widths.map((width) => Math.max(width, least));
  const sum = sumOf(scaled);
  const words = attempts.map(({ region, state }) => `${region} ${state}`).join(', ');
  return html`<svg class="attempts" role="img" aria-label="attempts: ${words}" viewBox="0 0 100 10" preserveAspectRatio="none">
    ${attempts.map(({ region, state }, index) => {
      const x = (sumOf(scaled.slice(0, index)) / sum) * 100;
      const place = regions.findIndex((box) => box.region === region);
      return svg`<rect class="region${place} ${state}" x=${x} width=${Math.max(((scaled[index] ?? 0) / sum) * 100 - 2, 1)} height="10"></rect>`;
    })}
  </svg>`;
}

function insideView(
  { call, startedMs, lines, number, ended }: CallRow,
  state: State,
  actions: Actions,
): TemplateResult {
  const preferred = state.regions.find(({ region }) => region === state.preferred);
  return html`
    <ol class="lines">
      ${lines.map(({ atMs, text }) => html`<li><span class="faint">+${count(atMs - startedMs)} ms</span> <span>${text}</span></li>`)}
    </ol>
    ${
      // Until the end it may turn out that the client does not send such a call, of which there is no line of curl.
      ended === undefined
        ? nothing
        : html`<dl>
            ${copyView('key', call.key, number, state, actions)}
            ${copyView('curl', curlOf(call, preferred?.url ?? ''), number, state, actions)}
            ${copyView('bank', bankOf(call, state.regions), number, state, actions)}
          </dl>`
    }
  `;
}

function copyView(
  name: string,
  text: string,
  number: number,
  { copied }: State,
  actions: Actions,
): TemplateResult {
  const what = `${name} of call ${number}`;
  const word = copied?.what !== what ? 'Copy' : copied.isDone ? 'Copied' : 'Not copied';
  return html`
    <dt>${name}</dt>
    <dd>
      <code>${text}</code>
      <button type="button" class="mini" @click=${() => actions.copy(text, what)}>
        ${word}<span class="unseen"> ${what}</span>
      </button>
    </dd>
  `;
}
