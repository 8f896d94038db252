import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { LogLine } from './state.ts';

/** The calls of this page and what the client did for them, newest at the end. */
export function logView(log: readonly LogLine[]): TemplateResult {
  return html`
    <section class="card log" aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <div class="scroll" tabindex="0" role="log" aria-labelledby="log-title">
        <ol>
          ${
            log.length === 0
              ? html`<li class="faint">The client's attempts of each call appear here.</li>`
              : repeat(
                  log,
                  ({ number }) => number,
                  ({ tone, text }) => html`<li class=${tone}>${text}</li>`,
                )
          }
        </ol>
      </div>
    </section>
  `;
}
