import { html, nothing, type TemplateResult } from 'lit-html';
import type { Actions } from './actions.ts';
import type { State } from './state.ts';

/** The three steps of a first visit, which tick themselves off. */
export function stepsView({ steps, regions }: State, actions: Actions): TemplateResult | typeof nothing {
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
