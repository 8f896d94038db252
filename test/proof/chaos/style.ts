/** The style of the report. Colours can be distinguished in the light and in the dark, and by those who see few. */
export const STYLE = `
:root {
  --paper: #ffffff; --ink: #1b1f24; --faint: #626b76; --rule: #d5dae0;
  --kept: #1c7a45; --broken: #c62839;
  --region0: #0a5fb4; --region1: #c2570c;
  --process: #c62839; --network: #d98e04; --table: #7a4fc4; --client: #2c8a57;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e4e8ec; --faint: #98a2ad; --rule: #353b42;
    --kept: #67c48f; --broken: #f0717d;
    --region0: #69b1f5; --region1: #f2a15f;
    --process: #f0717d; --network: #efbd4e; --table: #b294ee; --client: #67c48f;
  }
}
body {
  margin: 0 auto; padding: 1rem; max-width: 64rem;
  background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.5rem; margin: 0.5rem 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
pre, code { font: 0.85rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; border-left: 3px solid var(--rule); padding-left: 0.75rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; border-bottom: 1px solid var(--rule); }
td:first-child, .number, .verdict { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.kept { color: var(--kept); }
.broken { color: var(--broken); font-weight: 600; }
.key { font-size: 0.9rem; color: var(--faint); }
.swatch { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin: 0 0.4em 0 0; }
.key > span { display: inline-block; margin-right: 1em; }
.swatch.process { background: var(--process); }
.swatch.network { background: var(--network); }
.swatch.table { background: var(--table); }
.swatch.client { background: var(--client); }
svg { display: block; width: 100%; min-width: 44rem; height: auto; font: 11px system-ui, sans-serif; }
svg text { fill: var(--ink); }
svg .title { font-weight: 600; font-size: 12px; }
svg .label { fill: var(--faint); }
svg .legend { font-weight: 600; }
svg .legend.region0 { fill: var(--region0); }
svg .legend.region1 { fill: var(--region1); }
svg .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
svg .line.region0 { stroke: var(--region0); }
svg .line.region1 { stroke: var(--region1); }
svg .grid, svg .rule { stroke: var(--rule); stroke-width: 1; }
svg .grid { stroke-dasharray: 2 3; }
svg .mark { fill: none; stroke-width: 1.5; }
svg .mark.region0 { stroke: var(--region0); }
svg .mark.region1 { stroke: var(--region1); }
svg .mark.unanswered { stroke: var(--broken); }
svg .band { fill-opacity: 0.75; }
svg .band.process { fill: var(--process); }
svg .band.network { fill: var(--network); }
svg .band.table { fill: var(--table); }
svg .band.client { fill: var(--client); }
`;
