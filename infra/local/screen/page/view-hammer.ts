import { html, nothing, type TemplateResult } from 'lit-html';
import type { Actions } from './actions.ts';
import { CALLS_AT_ONCE, HEDGE_AFTER_MS } from './hammer/run.ts';
import { judge, type RegionBooks, type Tally, type Verdict } from './hammer/tally.ts';
import type { Hammer } from './state.ts';
import { count, HEADLINES } from './words.ts';

const MAX_CLIENTS = 500;
const MAX_SECONDS = 120;

/** Many clients at once, to pull a plug under. */
export function hammerView(hammer: Hammer, replays: number, actions: Actions): TemplateResult {
  const isRunning = hammer.phase !== 'idle' && hammer.phase !== 'done';
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (hammer.phase === 'sending') return actions.stopHammer();
    if (isRunning || !form.reportValidity()) return;
    const read = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).valueAsNumber;
    void actions.hammer(read('clients'), read('seconds'));
  };
  return html`
    <section class="card hammer" aria-labelledby="hammer-title">
      <h2 id="hammer-title">Hammer</h2>
      <p class="faint small">Many clients, random calls on ten new accounts. Pull a plug meanwhile. At the end, what the clients were
        answered is compared with the balances in both Regions.</p>
      <form novalidate @submit=${submit}>
        <div class="fields">
          <label>Clients <input name="clients" type="number" value="100" min="1" max=${MAX_CLIENTS} required></label>
          <label>Seconds <input name="seconds" type="number" value="10" min="1" max=${MAX_SECONDS} required></label>
          <button type="submit" class="main" aria-disabled=${isRunning && hammer.phase !== 'sending'}>
            ${hammer.phase === 'sending' ? 'Stop' : isRunning ? 'Checking ...' : 'Hammer'}
          </button>
        </div>
      </form>
      ${hammer.phase === 'idle' ? nothing : runView(hammer, replays, actions)}
      <p class="faint small">A browser opens six connections to one host, so ${CALLS_AT_ONCE} calls are under way at a time and the
        others queue. After ${HEDGE_AFTER_MS / 1000} s without an answer, a client asks the other Region as well.</p>
    </section>
  `;
}

function runView(
  hammer: Exclude<Hammer, { phase: 'idle' }>,
  replays: number,
  actions: Actions,
): TemplateResult {
  const { seconds, elapsedMs, tally } = hammer;
  return html`
    <progress max=${seconds * 1000} value=${hammer.phase === 'sending' ? elapsedMs : seconds * 1000}
      aria-label="Time of the run"></progress>
    <dl class="tiles">
      ${tilesOf(tally, replays).map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}
    </dl>
    <div class="verdict" role="status">
      ${hammer.phase === 'done' ? verdictView(hammer.verdict, tally, actions) : html`<p class="faint">${PHASES[hammer.phase]}</p>`}
    </div>
  `;
}

const PHASES = {
  sending: 'Sending calls.',
  settling: 'Finding out what became of the calls that nobody answered.',
  reading: 'Reading the balances in both Regions.',
};

function tilesOf(tally: Tally, replays: number): readonly (readonly [string, string])[] {
  const { calls, refused, failovers, unknown, settled } = tally;
  return [
    ['calls', count(calls)],
    ['refused', count(refused)],
    ['failovers', count(failovers)],
    ['replayed', count(replays)],
    ['left unknown', count(unknown)],
    ['settled since', count(settled)],
  ];
}

function verdictView(verdict: Verdict, tally: Tally, actions: Actions): TemplateResult {
  const { accounts, total, open, regions } = verdict;
  const judgement = judge(verdict);
  const [tone, headline] = HEADLINES[judgement];
  return html`
    <p class="word ${tone}">${headline}</p>
    <p>${count(tally.calls)} calls, ${count(tally.executed)} of them executed, on ${accounts} accounts that must hold
      ${count(total)} together.${open === 0 ? '' : ` Of ${count(open)} nobody knows yet what became of them.`}</p>
    <ul>${regions.map((books) => html`<li>${booksView(books)}</li>`)}</ul>
    ${
      judgement === 'balanced'
        ? nothing
        : html`<div class="buttons">
            <button type="button" @click=${() => actions.checkBooks()}>Check again</button>
          </div>`
    }
  `;
}

function booksView(books: RegionBooks): TemplateResult {
  switch (books.kind) {
    case 'agrees':
      return html`${books.region} says the same for each account.`;
    case 'silent':
      return html`${books.region} did not answer, so its balances were not compared.`;
    case 'differs':
      return html`${books.region} differs:
        ${books.differences.map(({ account, expected, found }) => `${account} must hold ${expected} and holds ${found}`).join('; ')}.`;
  }
}
