/** The style of the report's drawing. Colours can be distinguished in the light and in the dark, and by those who see few. */
export const STYLE = `
:root {
  --region0: #0a5fb4; --region1: #c2570c;
  --process: #c62839; --network: #d98e04; --table: #7a4fc4; --client: #2c8a57;
}
@media (prefers-color-scheme: dark) {
  :root {
    --region0: #69b1f5; --region1: #f2a15f;
    --process: #f0717d; --network: #efbd4e; --table: #b294ee; --client: #67c48f;
  }
}
.swatch.process { background: var(--process); }
.swatch.network { background: var(--network); }
.swatch.table { background: var(--table); }
.swatch.client { background: var(--client); }
svg { width: 100%; min-width: 44rem; height: auto; }
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
