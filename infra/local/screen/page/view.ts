import { html, nothing, type TemplateResult } from 'lit-html';
import type { Actions } from './actions.ts';
import type { State } from './state.ts';
import { bookView } from './view-book.ts';
import { callsView } from './view-calls.ts';
import { chartView } from './view-chart.ts';
import { formView } from './view-form.ts';
import { loadView } from './view-load.ts';
import { pictureView } from './view-picture.ts';
import { stepsView } from './view-steps.ts';

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

const LOST = html`<p class="alert" role="alert">
  The program that runs the bank cannot be reached. <code>npm start</code> starts it; this page comes back by itself.
</p>`;
