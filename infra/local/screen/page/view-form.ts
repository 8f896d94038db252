import { html, nothing, type TemplateResult } from 'lit-html';
import type { Status } from '../../../../client/index.ts';
import type { Actions } from './actions.ts';
import { type CallRow, doubtOf, type PanelMove, type State } from './state.ts';
import { answerLine } from './words.ts';

/** True while a call of this page is under way: the next one has to wait. */
export function isBusy({ calls: [last] }: State): boolean {
  return last !== undefined && last.ended === undefined;
}

/** The form: move money, freeze an account and open it, and the last call once more with the same key. */
export function formView(state: State, actions: Actions): TemplateResult {
  const { account, calls } = state;
  const busy = isBusy(state);
  const [last] = calls;
  const lastMove = calls.map(({ call }) => call).find(isMove);
  const move = (event: Event, what: 'deposit' | 'withdraw' | 'hold') => {
    event.preventDefault();
    const { account, amount } = fieldsOf(event);
    if (!busy && isUsable(account) && isUsable(amount)) {
      void actions.move({ what, account: account.value, amount: BigInt(amount.value) });
    }
  };
  const transfer = (event: Event) => {
    const { account, amount, to } = fieldsOf(event);
    if (!busy && [account, amount, to].every(isUsable)) {
      const wanted = { account: account.value, to: to.value, amount: BigInt(amount.value) };
      void actions.move({ what: 'transfer', ...wanted });
    }
  };
  const setStatus = (event: Event, status: Status) => {
    const { account } = fieldsOf(event);
    if (!busy && isUsable(account)) {
      void actions.move({ what: 'status', account: account.value, ...status });
    }
  };
  const show = ({ currentTarget }: Event) => {
    const { value } = currentTarget as HTMLInputElement;
    return value === '' ? undefined : actions.show(value);
  };
  const retry = () => (busy || lastMove === undefined ? undefined : actions.retry(lastMove));
  const doubt = lastMove === undefined ? 'none' : doubtOf(calls, lastMove.key);
  const isCancellable = !busy && doubt === 'open';
  const cancel = () => (isCancellable && lastMove !== undefined ? actions.cancel(lastMove) : undefined);
  return html`
    <section class="card account" aria-labelledby="account-title">
      <h2 id="account-title">Account</h2>
      <form novalidate @submit=${(event: Event) => move(event, 'deposit')}>
        <div class="fields">
          <label>Account <input name="account" value=${account.name} required maxlength="128" autocomplete="off"
            autocapitalize="off" spellcheck="false" @change=${show}></label>
          <label>Amount <input name="amount" value="10" required pattern="[0-9]{1,15}" inputmode="numeric"
            title="A whole number of minor units" autocomplete="off"></label>
        </div>
        <div class="buttons">
          <button type="submit" class="main" aria-disabled=${busy}>Deposit</button>
          <button type="button" aria-disabled=${busy} @click=${(event: Event) => move(event, 'withdraw')}>Withdraw</button>
          <button type="button" aria-disabled=${busy} @click=${(event: Event) => move(event, 'hold')}>Hold</button>
        </div>
        <div class="fields">
          <label>Transfer to <input name="to" value="ann" required maxlength="128" autocomplete="off"
            autocapitalize="off" spellcheck="false"></label>
          <button type="button" aria-disabled=${busy} @click=${transfer}>Transfer</button>
        </div>
        <button type="button" aria-disabled=${busy || lastMove === undefined} @click=${retry}>Retry the last key</button>
        <div class="answer" role="status" aria-busy=${busy}>${answerView(state, last, busy)}</div>
        ${
          // It stays when the doubt is over, so that the focus does, too.
          doubt === 'none'
            ? nothing
            : html`<button type="button" aria-disabled=${!isCancellable} @click=${cancel}>Cancel the last key</button>`
        }
        <details>
          <summary>Freeze or open the account of ${account.name}</summary>
          <div class="buttons statuses">
            ${STATUSES.map(
              ([words, status]) =>
                html`<button type="button" aria-disabled=${busy} @click=${(event: Event) => setStatus(event, status)}>${words}</button>`,
            )}
          </div>
        </details>
      </form>
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

function isMove(call: CallRow['call']): call is PanelMove {
  return call.what !== 'cancel';
}

function fieldsOf(event: Event): Readonly<Record<'account' | 'amount' | 'to', HTMLInputElement>> {
  const form = (event.currentTarget as HTMLElement).closest('form');
  const field = (name: string) => form?.elements.namedItem(name) as HTMLInputElement;
  return { account: field('account'), amount: field('amount'), to: field('to') };
}

/** Says what is wrong with a field, at the field, in the browser's own words. */
function isUsable(field: HTMLInputElement): boolean {
  return field.reportValidity();
}

function answerView({ account }: State, last: CallRow | undefined, busy: boolean): TemplateResult {
  if (last === undefined) {
    return html`<p class="faint">The reply to the call appears here. Sending it again moves nothing.</p>`;
  }
  if (busy || last.ended === undefined) {
    return html`<p class="faint">Asking the bank.</p>`;
  }
  const { book, isPresent } = account;
  const isKnown = isPresent && book?.kind === 'open' && book.account === last.call.account;
  const [tone, line] = answerLine(last, last.ended.answer, isKnown ? book.balance : undefined);
  return html`<p class=${tone}>${line}</p>`;
}
