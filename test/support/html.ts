const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes text safe inside of elements and of attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** One page that needs nothing else: no script, no font, no request. `style` and `body` are taken as they are. */
export function toPage({
  title,
  style,
  body,
}: {
  readonly title: string;
  readonly style: string;
  readonly body: string;
}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** What every page looks like, in the light and in the dark. */
const PAGE_STYLE = `
:root {
  --paper: #ffffff; --ink: #1b1f24; --faint: #626b76; --rule: #d5dae0;
  --kept: #1c7a45; --broken: #c62839;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e4e8ec; --faint: #98a2ad; --rule: #353b42;
    --kept: #67c48f; --broken: #f0717d;
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
svg { display: block; font: 11px system-ui, sans-serif; }
`;
