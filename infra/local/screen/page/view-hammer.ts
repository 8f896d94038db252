import { html, nothing, type TemplateResult } from 'lit-html';
import { isKept } from '../../../../client/load/check.ts';
import type { Verdict } from '../../../../client/load/inspect.ts';
import { MAX_EXAMPLES } from '../../../../client/load/report.ts';
import type { Actions } from './actions.ts';
import { CALLS_AT_ONCE, HEDGE_AFTER_MS, headlineOf, type Tally } from './hammer.ts';
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
    if (hammer.phase === 'calling') {
      return actions.stopHammer();
    }
    if (isRunning || !form.reportValidity()) {
      return;
    }
    const read = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).valueAsNumber;
    void actions.hammer(read('clients'), read('seconds'));
  };
  return html`
    <section class="card hammer" aria-labelledby="hammer-title">
      <h2 id="hammer-title">Hammer</h2>
      <p class="faint small">Many clients, random calls on ten new accounts, transfers between them, holds and refunds. Pull a plug meanwhile. At the end, what the clients were
        answered is compared with the balances and statements in both Regions.</p>
      <form novalidate @submit=${submit}>
        <div class="fields">
          <label>Clients <input name="clients" type="number" value="100" min="1" max=${MAX_CLIENTS} required></label>
          <label>Seconds <input name="seconds" type="number" value="10" min="1" max=${MAX_SECONDS} required></label>
          <button type="submit" class="main" aria-disabled=${isRunning && hammer.phase !== 'calling'}>
            ${hammer.phase === 'calling' ? 'Stop' : isRunning ? 'Checking ...' : 'Hammer'}
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
    <progress max=${seconds * 1000} value=${hammer.phase === 'calling' ? elapsedMs : seconds * 1000}
      aria-label="Time of the run"></progress>
    <dl class="tiles">
      ${tilesOf(tally, replays).map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}
    </dl>
    <div class="verdict" role="status">
      ${hammer.phase === 'done' ? verdictView(hammer, actions) : html`<p class="faint">${PHASES[hammer.phase]}</p>`}
    </div>
  `;
}

const PHASES = {
  calling: 'Calling.',
  resolving: 'Resolving unknown outcomes.',
  checking: 'Reading the balances and statements in both Regions.',
};

function tilesOf(tally: Tally, replays: number): readonly (readonly [string, string])[] {
  const { calls, refused, failovers, unknown, resolved } = tally;
  return [
    ['calls', count(calls)],
    ['refused', count(refused)],
    ['failovers', count(failovers)],
    ['replayed', count(replays)],
    ['unknown', count(unknown)],
    ['resolved since', count(resolved)],
  ];
}

const ENDINGS = {
  time: '',
  calls: ' Ended early: these are the most calls for one run.',
  interrupted: ' Stopped early.',
};

function verdictView(
  { verdict, tally, ended }: Extract<Hammer, { phase: 'done' }>,
  actions: Actions,
): TemplateResult {
  const { accounts, totalMinor, inDoubt } = verdict;
  const headline = headlineOf(verdict);
  const [tone, sentence] = HEADLINES[headline];
  return html`
    <p class="word ${tone}">${sentence}</p>
    <p>${count(tally.calls)} calls on ${accounts} accounts, ${count(tally.executed)} of them moved money: ${count(totalMinor)}
      together.${inDoubt === 0 ? '' : ` ${count(inDoubt)} outcomes are still unknown.`}${ENDINGS[ended]}</p>
    <ul>${findings(verdict).map((finding) => html`<li>${finding}</li>`)}</ul>
    ${
      headline === 'balanced'
        ? nothing
        : html`<div class="buttons">
            <button type="button" @click=${() => actions.checkBooks()}>Check again</button>
          </div>`
    }
  `;
}

function findings({ verdict, readIn, notReadIn, checks }: Verdict): readonly string[] {
  return [
    ...readIn.map((region) =>
      verdict === 'balanced' ? `${region} says the same for each account.` : `${region} was read.`,
    ),
    ...notReadIn.map((region) => `${region} did not answer, so it was not compared.`),
    ...checks
      .filter((each) => !isKept(each))
      .map(({ says, broken, open }) => {
        const examples = [...broken, ...open].slice(0, MAX_EXAMPLES).join('; ');
        return `${broken.length > 0 ? 'Not so' : 'Not found out'}: ${says}. ${examples}`;
      }),
  ];
}
