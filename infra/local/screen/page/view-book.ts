import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Entry, Hold } from '../../../../client/index.ts';
import type { Actions } from './actions.ts';
import type { PanelBook, State } from './state.ts';
import { isBusy } from './view-form.ts';
import { changeLine, count, entryLine, leftToRefund, timeOf } from './words.ts';

type OpenBook = Extract<PanelBook, { kind: 'open' }>;

/** The open holds of an account, which can be captured or voided, and its last entries, of which some can be refunded. */
export function bookView(state: State, actions: Actions): TemplateResult {
  const { name, book, isPresent } = state.account;
  const busy = isBusy(state);
  return html`
    <section class="card" aria-labelledby="entries-title">
      ${book !== undefined && !isPresent ? html`<p class="faint">Last known:</p>` : nothing}
      ${book?.kind === 'open' && book.holds.length > 0 ? holdsView(book, busy, actions) : nothing}
      <h2 id="entries-title">Statement of ${name}</h2>
      ${book?.kind === 'open' ? entriesView(book, busy, actions) : html`<p class="faint">${noEntriesLine(book)}</p>`}
    </section>
  `;
}

/** Why there are no entries. */
function noEntriesLine(book: Exclude<PanelBook, OpenBook> | undefined): string {
  switch (book?.kind) {
    case undefined:
      return 'Not read yet.';
    case 'none':
      return 'Nothing yet. The first deposit opens the account.';
    case 'refused':
      return book.message;
  }
}

function holdsView({ account, holds }: OpenBook, isBusy: boolean, actions: Actions): TemplateResult {
  const end = (what: 'capture' | 'void', { hold }: Hold) =>
    isBusy ? undefined : actions.move({ what, account, hold });
  // By their keys: a button that is in focus must never come to mean another hold.
  return html`
      <h2 id="holds-title">Open holds of ${account}</h2>
      <ol class="holds" aria-labelledby="holds-title">
        ${repeat(
          holds,
          ({ hold }) => hold,
          (hold, index) => html`<li>
            <span class="what">${count(hold.remaining)} until ${timeView(hold.expiresAt)}</span>
            ${(['capture', 'void'] as const).map(
              (
                what,
              ) => html`<button type="button" class="mini" aria-disabled=${isBusy} @click=${() => end(what, hold)}>
                ${END_WORDS[what]}<span class="unseen"> hold ${index + 1}</span>
              </button>`,
            )}
          </li>`,
        )}
      </ol>
  `;
}

const END_WORDS = { capture: 'Capture', void: 'Void' };

function timeView(time: Date): TemplateResult {
  const words = time.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  return html`<time datetime=${time.toISOString()}>${words}</time>`;
}

function entriesView(book: OpenBook, isBusy: boolean, actions: Actions): TemplateResult {
  const { entries } = book;
  return html`<ol class="entries" aria-labelledby="entries-title">
    ${repeat(
      entries,
      ({ key }) => key,
      (entry) => html`<li>
        <time class="faint">${timeOf(entry.at)}</time>
        <span class="what">${entryLine(entry, entries)}</span>
        ${refundView(entry, book, isBusy, actions)}
        <span class="change">${changeLine(entry)}</span>
        <span class="balance"><span class="unseen">balance </span>${count(entry.balance)}</span>
      </li>`,
    )}
  </ol>`;
}

/** The button stays when all is refunded, so that the focus does, too. */
function refundView(
  entry: Entry,
  { account, entries }: OpenBook,
  isBusy: boolean,
  actions: Actions,
): TemplateResult | typeof nothing {
  const left = leftToRefund(entry, entries);
  if (left === undefined) {
    return nothing;
  }
  const isReady = !isBusy && left > 0n;
  const refund = () => (isReady ? actions.move({ what: 'refund', account, call: entry.key }) : undefined);
  return html`<button type="button" class="mini" aria-disabled=${!isReady} @click=${refund}>
    ${left > 0n ? 'Refund' : 'Refunded'}<span class="unseen"> entry ${entry.sequence}</span>
  </button>`;
}
