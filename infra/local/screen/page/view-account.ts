import { html, nothing, type TemplateResult } from 'lit-html';
import { REPLAYED } from '../../../../client/command/describe.ts';
import type { Status } from '../../../../client/index.ts';
import type { Actions } from './actions.ts';
import type { AccountPanel, PanelAnswer, PanelMove } from './state.ts';
import { bookView } from './view-book.ts';
import { besideLine, count, phrase } from './words.ts';

/** The account panel: move money, ask, freeze and open, once more with the same key, and what the account's book says then. */
export function accountView(
  { running, lastMove, answer, book }: AccountPanel,
  actions: Actions,
): TemplateResult {
  const isBusy = running !== null;
  const move = (event: Event, what: 'deposit' | 'withdraw' | 'hold') => {
    event.preventDefault();
    const { account, amount } = fieldsOf(event);
    if (isBusy || !isUsable(account) || !isUsable(amount)) {
      return;
    }
    void actions.move({ what, account: account.value, amount: BigInt(amount.value) });
  };
  const transfer = (event: Event) => {
    const { account, amount, to } = fieldsOf(event);
    if (isBusy || ![account, amount, to].every(isUsable)) {
      return;
    }
    const wanted = { account: account.value, to: to.value, amount: BigInt(amount.value) };
    void actions.move({ what: 'transfer', ...wanted });
  };
  const ask = (event: Event) => {
    const { account } = fieldsOf(event);
    if (!isBusy && isUsable(account)) {
      void actions.balance(account.value);
    }
  };
  const setStatus = (event: Event, status: Status) => {
    const { account } = fieldsOf(event);
    if (!isBusy && isUsable(account)) {
      void actions.move({ what: 'status', account: account.value, ...status });
    }
  };
  return html`
    <section class="card account" aria-labelledby="account-title">
      <h2 id="account-title">Account</h2>
      <form novalidate @submit=${(event: Event) => move(event, 'deposit')}>
        <div class="fields">
          <label>Account <input name="account" value="joe" required maxlength="128" autocomplete="off"
            autocapitalize="off" spellcheck="false"></label>
          <label>Amount <input name="amount" value="10" required pattern="[0-9]{1,15}" inputmode="numeric"
            title="A whole number of minor units" autocomplete="off"></label>
          <label>Transfer to <input name="to" value="ann" required maxlength="128" autocomplete="off"
            autocapitalize="off" spellcheck="false"></label>
        </div>
        <div class="buttons">
          <button type="submit" class="main" aria-disabled=${isBusy}>Deposit</button>
          <button type="button" aria-disabled=${isBusy} @click=${(event: Event) => move(event, 'withdraw')}>Withdraw</button>
          <button type="button" aria-disabled=${isBusy} @click=${transfer}>Transfer</button>
          <button type="button" aria-disabled=${isBusy} @click=${(event: Event) => move(event, 'hold')}>Hold</button>
          <button type="button" aria-disabled=${isBusy} @click=${ask}>Balance</button>
        </div>
        <fieldset>
          <legend>Freeze account</legend>
          <div class="buttons">
            ${STATUSES.map(
              ([words, status]) =>
                html`<button type="button" aria-disabled=${isBusy} @click=${(event: Event) => setStatus(event, status)}>${words}</button>`,
            )}
          </div>
        </fieldset>
      </form>
      <div class="answer" role="status" aria-busy=${isBusy}>${answerView(answer, isBusy)}</div>
      ${lastMove === null ? nothing : keyView(lastMove, isBusy, isOpen(answer), actions)}
      ${book === null ? nothing : bookView(book, isBusy, actions)}
    </section>
  `;
}

/** Two buttons for each side: what is typed into the form may be another account than the one whose status is known. */
const STATUSES: readonly (readonly [string, Status])[] = [
  ['Freeze debits', { debits: 'frozen' }],
  ['Open debits', { debits: 'open' }],
  ['Freeze credits', { credits: 'frozen' }],
  ['Open credits', { credits: 'open' }],
];

/** Nobody knows what became of the call, so its user may want to close the matter. */
function isOpen(answer: PanelAnswer | null): boolean {
  return answer?.kind === 'unanswered' && answer.code === 'outcome_unknown';
}

function fieldsOf(event: Event): Readonly<Record<'account' | 'amount' | 'to', HTMLInputElement>> {
  const { form } = event.currentTarget as HTMLButtonElement;
  const { elements } = form ?? (event.currentTarget as HTMLFormElement);
  const field = (name: string) => elements.namedItem(name) as HTMLInputElement;
  return { account: field('account'), amount: field('amount'), to: field('to') };
}

/** Says what is wrong with a field, at the field, in the browser's own words. */
function isUsable(field: HTMLInputElement): boolean {
  return field.reportValidity();
}

function answerView(answer: PanelAnswer | null, isBusy: boolean): TemplateResult {
  if (isBusy) {
    return html`<p class="number faint">...</p><p class="faint">Asking the bank.</p>`;
  }
  switch (answer?.kind) {
    case undefined:
      return html`<p class="number faint">-</p><p class="faint">The balance is shown here.</p>`;
    case 'balance':
      return html`<p class="number">${count(answer.balance)}${besideView(besideLine(answer))}</p>
        <p class="faint">the balance of ${answer.account}, from ${answer.region}</p>${replayView(answer)}`;
    case 'cancelled':
      return html`<p class="word">Cancelled</p><p class="faint">It never executes. ${answer.region} replied.</p>`;
    case 'refused':
      return html`${problemView(`Refused: ${phrase(answer.code)}`, answer.message)}${replayView(answer)}`;
    case 'unanswered':
      return problemView(UNANSWERED[answer.code], answer.message);
    case 'invalid':
      return problemView('Not sent', answer.message);
  }
}

function besideView(words: string) {
  return words === '' ? nothing : html` <span class="beside">${words}</span>`;
}

function replayView({ replayed }: { readonly replayed: boolean }) {
  return replayed ? html`<p class="faint">${REPLAYED}</p>` : nothing;
}

const UNANSWERED = { unavailable: 'Unavailable', outcome_unknown: 'Outcome unknown' };

function problemView(title: string, message: string): TemplateResult {
  return html`<p class="word bad">${title}</p><p>${message}</p>`;
}

/** What can be done with the key of the last call: it shows that a retry moves nothing, and closes what was left open. */
function keyView(move: PanelMove, isBusy: boolean, canCancel: boolean, actions: Actions): TemplateResult {
  const retry = () => (isBusy ? undefined : actions.retry(move));
  const cancel = () => (isBusy ? undefined : actions.cancel(move));
  return html`
    <div class="key">
      <p class="faint">Key of the last call: <code>${move.key}</code></p>
      <div class="buttons">
        <button type="button" aria-disabled=${isBusy} @click=${retry}>Send it again</button>
        ${canCancel ? html`<button type="button" aria-disabled=${isBusy} @click=${cancel}>Cancel it</button>` : nothing}
      </div>
    </div>
  `;
}
