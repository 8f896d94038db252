/** What colour stands for. */
const COLOURS = { good: 32, bad: 31, warning: 33 } as const;

/** Paints a text, or leaves it as it is. */
export type Paint = (colour: keyof typeof COLOURS, text: string) => string;

/** Leaves every text as it is. */
export const plain: Paint = (_, text) => text;

/**
 * Colour belongs on a terminal that somebody looks at, and nowhere else: not into a file, a pipe, a terminal that knows
 * none, nor before somebody who asked for none (https://no-color.org).
 */
export function paintFor(isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint {
  if (!isTerminal || environment['NO_COLOR'] || environment['TERM'] === 'dumb') {
    return plain;
  }
  return (colour, text) => `\x1b[${COLOURS[colour]}m${text}\x1b[0m`;
}
