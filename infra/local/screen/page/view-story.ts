import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { StoryLine } from './state.ts';

/** The running story, newest at the end. */
export function storyView(story: readonly StoryLine[]): TemplateResult {
  return html`
    <section class="card story" aria-labelledby="story-title">
      <h2 id="story-title">Story</h2>
      <div class="scroll" tabindex="0" role="log" aria-labelledby="story-title">
        <ol>
          ${
            story.length === 0
              ? html`<li class="faint">What the client does for a call is told here.</li>`
              : repeat(
                  story,
                  ({ number }) => number,
                  ({ tone, text }) => html`<li class=${tone}>${text}</li>`,
                )
          }
        </ol>
      </div>
    </section>
  `;
}
