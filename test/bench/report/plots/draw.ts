import { type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Draws a plot as an SVG element, with what is to be seen in it as a label for those who do not see it. */
export function draw(label: string, options: PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawn = plot({ ...options, document: document as unknown as Document, className: 'plot' });
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', label);
  return drawn.outerHTML;
}
