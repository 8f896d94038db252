import { html, nothing, type TemplateResult } from 'lit-html';
import type { Actions } from './actions.ts';
import type { State } from './state.ts';
import { bookView } from './view-book.ts';
import { callsView } from './view-calls.ts';
import { chartView } from './view-chart.ts';
import { formView } from './view-form.ts';
import { loadView } from './view-load.ts';
import { pictureView } from './view-picture.ts';

/** The page for a state. */
export function view(state: State, actions: Actions): TemplateResult {
  return html`
    <header class="top">
      <h1>Twinbank</h1>
      <p>One bank in two Regions. Kill one: nothing is lost, and nothing is done twice.</p>
    </header>
    ${state.link === 'lost' ? LOST : nothing}
    <main>
      ${pictureView(state, actions)}
      ${state.problem === '' ? nothing : html`<p class="alert problem" role="alert">${state.problem}</p>`}
      ${stepsView(state, actions)}
      ${chartView(state.regions)}
      <div class="desk">
        ${formView(state, actions)}
        <div class="column">
          ${callsView(state, actions)}
          ${bookView(state, actions)}
        </div>
        ${loadView(state.load, state.replays, actions)}
      </div>
    </main>
  `;
}

/** The three steps of a first visit, which tick themselves off. */
function stepsView({ steps, regions }: State, actions: Actions): TemplateResult | typeof nothing {
  const words = ['Deposit', `Kill ${regions[0]?.region}`, 'Deposit again'];
  return steps.isDismissed
    ? nothing
    : html`
        <section class="steps" aria-label="First steps">
          <ol>
            ${words.map((word, index) => {
              const isDone = index < steps.done;
              return html`<li class=${isDone ? 'done' : ''} aria-current=${index === steps.done ? 'step' : 'false'}>
                <span class="tick" aria-hidden="true">${isDone ? '✓' : index + 1}</span>${word}${
                  isDone ? html`<span class="unseen">, done</span>` : nothing
                }
              </li>`;
            })}
          </ol>
          <p role="status">${steps.done === 3 ? 'A Region was lost, and no money.' : ''}</p>
          <button type="button" @click=${actions.dismiss}>Dismiss<span class="unseen"> the first steps</span></button>
        </section>
      `;
}

const LOST = html`<p class="alert" role="alert">
  The program that runs the bank cannot be reached. <code>npm start</code> starts it; this page comes back by itself.
</p>`;
