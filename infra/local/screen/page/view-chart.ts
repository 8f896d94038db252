import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { bandsOf, SECONDS_DRAWN, sumOf, topOf } from './chart.ts';
import type { RegionBox } from './state.ts';
import { count } from './words.ts';

const HEIGHT = 100;

/** The last minute: the calls of both Regions on top of each other, second by second, and the times in which one was not up. */
export function chartView(regions: readonly RegionBox[]): TemplateResult {
  const seconds = Array.from({ length: SECONDS_DRAWN }, (_, second) =>
    regions.map(({ seconds }) => seconds[second]?.calls ?? 0),
  );
  const top = topOf(Math.max(...seconds.map((calls) => sumOf(calls))));
  const bars = seconds.flatMap((calls, second) =>
    calls.map((each, place) => {
      const below = sumOf(calls.slice(0, place));
      const [height, base] = [(each / top) * HEIGHT, (below / top) * HEIGHT];
      return each === 0
        ? []
        : svg`<rect class="region${place}" x=${second + 0.1} width="0.8" y=${HEIGHT - base - height} height=${height}></rect>`;
    }),
  );
  return html`
    <section class="chart" aria-labelledby="chart-title">
      <h2 id="chart-title">Calls per second, without reads</h2>
      <ul class="legend">${regions.map(legendView)}</ul>
      <div class="plot" aria-hidden="true">
        <span class="scale">${count(top)}/s</span>
        ${regions.map(({ region, seconds }, place) =>
          bandsOf(seconds).map(
            ({ state, start, length, label }) =>
              html`<div class="band ${state} ${label}" .style=${`left: ${percent(start)}; width: ${percent(length)}`}>
                ${label === 'none' ? nothing : html`<span class="place${place}">${region} ${state}</span>`}
              </div>`,
          ),
        )}
        <svg viewBox="0 0 ${SECONDS_DRAWN} ${HEIGHT}" preserveAspectRatio="none">${bars}</svg>
      </div>
    </section>
  `;
}

/** For the property, since the page's policy takes no style from an attribute. */
function percent(seconds: number): string {
  return `${(seconds / SECONDS_DRAWN) * 100}%`;
}

/** Shows the last whole second, because the number of the present one is still growing. */
function legendView({ region, seconds }: RegionBox, place: number): TemplateResult {
  return html`<li><i class="region${place}"></i>${region} <b>${count(seconds.at(-2)?.calls ?? 0)}/s</b></li>`;
}
