import { html, nothing, type TemplateResult } from 'lit-html';
import type { Actions } from './actions.ts';
import type { State } from './state.ts';
import { accountView } from './view-account.ts';
import { hammerView } from './view-hammer.ts';
import { logView } from './view-log.ts';
import { regionView } from './view-region.ts';

/** The page for a state. */
export function view(state: State, actions: Actions): TemplateResult {
  return html`
    <header class="top">
      <h1>Twinbank</h1>
      <p>One bank in two Regions. Deposit something, kill a Region, deposit again: nothing is lost, and nothing is done twice.</p>
    </header>
    ${state.link === 'lost' ? LOST : nothing}
    <main>
      <div class="regions">
        ${state.regions.map((card, index) => regionView(card, index, state.link === 'open', actions))}
      </div>
      ${accountView(state.account, actions)}
      ${logView(state.log)}
      ${hammerView(state.hammer, state.replays, actions)}
    </main>
  `;
}

const LOST = html`<p class="lost" role="alert">
  The program that runs the bank cannot be reached. <code>npm start</code> starts it; this page comes back by itself.
</p>`;
