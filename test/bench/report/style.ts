/** Colours of drawings, by the order of what they show. They can be told apart in the light and in the dark. */
export const SERIES = ['var(--series0)', 'var(--series1)', 'var(--series2)', 'var(--series3)'] as const;

/** The style of the report on top of that of every page. */
export const STYLE = `
:root { --series0: #0a5fb4; --series1: #c2570c; --series2: #2c8a57; --series3: #7a4fc4; }
@media (prefers-color-scheme: dark) {
  :root { --series0: #69b1f5; --series1: #f2a15f; --series2: #67c48f; --series3: #b294ee; }
}
.machine { color: var(--faint); }
caption { text-align: left; font-weight: 600; padding: 0.8rem 0 0.2rem; }
thead th { font-weight: 500; color: var(--faint); }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: 1rem; }
.goals td { white-space: nowrap; }
.goals td:first-child { white-space: normal; }
figure { margin: 1rem 0; }
figcaption { font-size: 0.9rem; font-weight: 600; }
figure .wide > svg { min-width: 36rem; }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 1.5rem; }
.halves .wide > svg { min-width: 20rem; }
.plot { --plot-background: var(--paper); }
`;
