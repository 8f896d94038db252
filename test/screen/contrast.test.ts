import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const STYLE = await readFile(
  new URL('../../infra/local/screen/page/style/base.css', import.meta.url),
  'utf8',
);

/** The colours of each theme, by name. */
const THEMES = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, block = '']) =>
  Object.fromEntries(
    [...block.matchAll(/--(\w+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  ),
);

/** Contrast as WCAG 2 computes it, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [one, other].map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test.each(['light', 'dark'])('in the %s, borders have a contrast of 3 and words one of 4.5', (theme) => {
  const { paper = '', card = '', ...others } = THEMES[theme === 'light' ? 0 : 1] ?? {};
  const { rule = '', press = '', ...words }: Readonly<Record<string, string>> = others;
  expect(Object.keys(words)).toEqual(['ink', 'faint', 'kept', 'broken', 'frozen', 'region0', 'region1']);
  for (const ground of [paper, card]) {
    expect(contrast(rule, ground)).toBeGreaterThanOrEqual(3);
  }
  for (const [name, colour = ''] of Object.entries(words)) {
    for (const ground of [paper, card, press]) {
      expect(contrast(colour, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('every border has one of these colours', async () => {
  const names = ['controls', 'layout', 'picture', 'lanes', 'panels'];
  const folder = new URL('../../infra/local/screen/page/style/', import.meta.url);
  const styles = await Promise.all(names.map((name) => readFile(new URL(`${name}.css`, folder), 'utf8')));
  const borders = styles.flatMap((style) =>
    [...style.matchAll(/border[a-z-]*: ([^;]*)/g)].map(([, value = '']) => value),
  );
  const colours = borders.flatMap((value) => value.match(/#[0-9a-f]+|rgb[^ ]*|var\(--\w+\)/g) ?? []);
  expect([...new Set(colours)].sort()).toEqual(
    ['broken', 'card', 'faint', 'frozen', 'ink', 'kept', 'mine', 'rule'].map((name) => `var(--${name})`),
  );
});
