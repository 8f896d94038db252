import { html, nothing, type TemplateResult } from 'lit-html';
import { isKept } from '../../../../client/load/check.ts';
import type { Verdict } from '../../../../client/load/inspect.ts';
import { type Latency, MAX_EXAMPLES } from '../../../../client/load/report.ts';
import type { Actions } from './actions.ts';
import { CALLS_AT_ONCE, HEDGE_AFTER_MS, headlineOf } from './load-test.ts';
import type { Load, Tally } from './state.ts';
import { count, HEADLINES } from './words.ts';

const MAX_CLIENTS = 500;
const MAX_SECONDS = 120;

/** The load test: many clients at once, while the user kills a Region. */
export function loadView(load: Load, replays: number, actions: Actions): TemplateResult {
  const isRunning = load.phase !== 'idle' && load.phase !== 'done';
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (load.phase === 'calling') {
      return actions.stopLoad();
    }
    if (isRunning || !form.reportValidity()) {
      return;
    }
    const read = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).valueAsNumber;
    void actions.runLoad(read('clients'), read('seconds'));
  };
  return html`
    <section class="card load" aria-labelledby="load-title">
      <h2 id="load-title">Load test</h2>
      <div role="status">${load.phase === 'idle' ? nothing : bannerView(load)}</div>
      <form novalidate @submit=${submit}>
        <div class="fields">
          <label>Clients <input name="clients" type="number" value="100" min="1" max=${MAX_CLIENTS} required></label>
          <label>Seconds <input name="seconds" type="number" value="10" min="1" max=${MAX_SECONDS} required></label>
          <button type="submit" class="main" aria-disabled=${isRunning && load.phase !== 'calling'}>
            ${load.phase === 'calling' ? 'Stop' : isRunning ? 'Checking' : 'Run'}<span class="unseen"> the load test</span>
          </button>
        </div>
      </form>
      ${load.phase === 'idle' ? nothing : runView(load, replays, actions)}
      <p class="faint small">Random calls on ten new accounts, transfers, holds and refunds among them. Kill a Region meanwhile. At the end,
        the answers are compared with the balances and statements in both Regions. A browser opens six connections to one host, so
        ${CALLS_AT_ONCE} calls are under way at a time and the others queue. After ${HEDGE_AFTER_MS / 1000} s without an answer, a client asks the
        other Region as well.</p>
    </section>
  `;
}

type Run = Exclude<Load, { phase: 'idle' }>;

/** The verdict, or the phase of the test. */
function bannerView(load: Run): TemplateResult {
  if (load.phase !== 'done') {
    return html`<div class="banner"><p class="word">${PHASES[load.phase]}</p></div>`;
  }
  const [tone, sentence] = HEADLINES[headlineOf(load.verdict)];
  return html`<div class="banner ${tone}"><p class="word ${tone}">${sentence}</p>${latencyView(load.latency)}</div>`;
}

function latencyView(latency: Latency | undefined) {
  return latency === undefined
    ? nothing
    : html`<p>p50 ${latency.p50Ms.toFixed(1)} ms, p99 ${latency.p99Ms.toFixed(1)} ms</p>`;
}

function runView(load: Run, replays: number, actions: Actions): TemplateResult {
  const { seconds, elapsedMs, tally } = load;
  return html`
    <progress max=${seconds * 1000} value=${load.phase === 'calling' ? elapsedMs : seconds * 1000}
      aria-label="Time of the run"></progress>
    <dl class="tiles">
      ${tilesOf(tally, replays).map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}
    </dl>
    ${load.phase === 'done' ? findingsView(load, actions) : nothing}
  `;
}

const PHASES = {
  calling: 'Calling',
  resolving: 'Resolving unknown outcomes',
  checking: 'Reading the balances and statements in both Regions',
};

function tilesOf(tally: Tally, replays: number): readonly (readonly [string, string])[] {
  const { calls, refused, failovers, unknown, resolved } = tally;
  return [
    ['calls', count(calls)],
    ['refused', count(refused)],
    ['failovers', count(failovers)],
    ['replays, hedged copies included', count(replays)],
    ['unknown', count(unknown)],
    ['resolved since', count(resolved)],
  ];
}

const ENDINGS = {
  time: '',
  calls: ' Ended early: these are the most calls for one run.',
  interrupted: ' Stopped early.',
};

function findingsView(
  { verdict, tally, ended }: Extract<Load, { phase: 'done' }>,
  actions: Actions,
): TemplateResult {
  const { accounts, totalMinor, inDoubt } = verdict;
  return html`
    <div class="findings">
      <p>${count(tally.calls)} calls on ${accounts} accounts; ${count(tally.executed)} of them moved money, ${count(totalMinor)}
        in all.${inDoubt === 0 ? '' : ` ${count(inDoubt)} outcomes are still unknown.`}${ENDINGS[ended]}</p>
      <ul>${findings(verdict).map((finding) => html`<li>${finding}</li>`)}</ul>
    </div>
    ${
      headlineOf(verdict) === 'balanced'
        ? nothing
        : html`<button type="button" @click=${() => actions.checkBooks()}>Check again</button>`
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
      .map(({ promise, broken, open }) => {
        const examples = [...broken, ...open].slice(0, MAX_EXAMPLES).join('; ');
        return `${broken.length > 0 ? 'Not so' : 'Not found out'}: ${promise}. ${examples}`;
      }),
  ];
}
