import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { RegionEndpoint } from './news.ts';

/** What the page is made of, by path. */
export type Files = ReadonlyMap<string, { readonly type: string; readonly content: string }>;

/**
 * Makes the page. Its script, with the client in it, is bundled in memory each time that the bank starts, so there is no build
 * to forget.
 */
export async function makeFiles(endpoints: readonly RegionEndpoint[]): Promise<Files> {
  const [script, style] = await Promise.all([bundlePage(), readStyle()]);
  return new Map([
    ['/', { type: 'text/html', content: htmlOf(endpoints) }],
    ['/page.js', { type: 'text/javascript', content: script }],
    ['/page.css', { type: 'text/css', content: style }],
    ['/icon.svg', { type: 'image/svg+xml', content: ICON }],
  ]);
}

/** One after the other: a later one may overrule an earlier one. */
const STYLES = ['base', 'layout', 'controls', 'picture', 'lanes', 'panels'];

async function readStyle(): Promise<string> {
  const parts = STYLES.map((name) => readFile(new URL(`./page/style/${name}.css`, import.meta.url), 'utf8'));
  return (await Promise.all(parts)).join('');
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page/main.ts', import.meta.url))],
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

function htmlOf(endpoints: readonly RegionEndpoint[]): string {
  const regions = endpoints.map(({ region, url }) => ({ region, url }));
  // Only "<" could end the element early, and JSON may write it in another way.
  const json = JSON.stringify(regions).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Twinbank</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/page.css">
<script type="application/json" id="endpoints">${json}</script>
<script type="module" src="/page.js"></script>
</head>
<body><noscript>This page calls the bank from the browser, and needs JavaScript for that.</noscript></body>
</html>
`;
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect x="3" y="7" width="11" height="18" rx="2" fill="#2f7fd1"/><rect x="18" y="7" width="11" height="18" rx="2" fill="#d9772b"/>
<path d="M12 13h8M12 19h8" stroke="#fff" stroke-width="2.5"/></svg>
`;
