import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Entry, Hold } from '../../../../client/index.ts';
import type { Actions } from './actions.ts';
import type { PanelBook } from './state.ts';
import { changeLine, count, entryLine, leftToRefund } from './words.ts';

/** The open holds of an account, which can be captured or voided, and its last entries, of which some can be refunded. */
export function bookView(book: PanelBook, isBusy: boolean, actions: Actions): TemplateResult {
  const { account, holds } = book;
  return html`
    ${holds.length === 0 ? nothing : holdsView(book, isBusy, actions)}
    <div class="book">
      <h3 id="entries-title">Statement of ${account}</h3>
      ${entriesView(book, isBusy, actions)}
    </div>
  `;
}

function holdsView({ account, holds }: PanelBook, isBusy: boolean, actions: Actions): TemplateResult {
  const end = (what: 'capture' | 'void', { hold }: Hold) =>
    isBusy ? undefined : actions.move({ what, account, hold });
  // By their keys: a button that is in focus must never come to mean another hold.
  return html`
    <div class="book">
      <h3 id="holds-title">Open holds of ${account}</h3>
      <ol class="holds" aria-labelledby="holds-title">
        ${repeat(
          holds,
          ({ hold }) => hold,
          (hold, index) => html`<li>
            <span class="what">${count(hold.remaining)} until ${timeView(hold.expiresAt)}</span>
            ${(['capture', 'void'] as const).map(
              (what) => html`<button type="button" aria-disabled=${isBusy} @click=${() => end(what, hold)}>
                ${END_WORDS[what]}<span class="unseen"> hold ${index + 1}</span>
              </button>`,
            )}
          </li>`,
        )}
      </ol>
    </div>
  `;
}

const END_WORDS = { capture: 'Capture', void: 'Void' };

function timeView(time: Date): TemplateResult {
  const words = time.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  return html`<time datetime=${time.toISOString()}>${words}</time>`;
}

function entriesView(book: PanelBook, isBusy: boolean, actions: Actions): TemplateResult {
  const { entries } = book;
  return html`<ol aria-labelledby="entries-title">
    ${repeat(
      entries,
      ({ key }) => key,
      (entry) => html`<li>
        <span class="what">${entryLine(entry, entries)}</span>
        ${refundView(entry, book, isBusy, actions)}
        <span>${changeLine(entry)}</span>
        <span class="balance"><span class="unseen">balance </span>${count(entry.balance)}</span>
      </li>`,
    )}
  </ol>`;
}

/** The button stays when all is refunded, so that the focus does, too. */
function refundView(
  entry: Entry,
  { account, entries }: PanelBook,
  isBusy: boolean,
  actions: Actions,
): TemplateResult | typeof nothing {
  const left = leftToRefund(entry, entries);
  if (left === undefined) {
    return nothing;
  }
  const isReady = !isBusy && left > 0n;
  const refund = () => (isReady ? actions.move({ what: 'refund', account, call: entry.key }) : undefined);
  return html`<button type="button" aria-disabled=${!isReady} @click=${refund}>
    ${left > 0n ? 'Refund' : 'Refunded'}<span class="unseen"> entry ${entry.sequence}</span>
  </button>`;
}
