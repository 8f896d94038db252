/** A stream that may be a terminal. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Two streams, which may be one terminal, and a progress line that is overwritten. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Shows a line in place of the progress line before. Does nothing if the stream is not a terminal: a file would get a thousand lines. */
  readonly progress: (line: string) => void;
}

/** Opens both streams. Every line that is printed removes the progress line first. */
export function openTerminal(stdout: Stream, stderr: Stream): Terminal {
  let isShown = false;
  const clear = () => {
    if (isShown) {
      stderr.write('\r\x1b[K');
      isShown = false;
    }
  };
  const printer = (stream: Stream) => (line: string) => {
    clear();
    stream.write(`${line}\n`);
  };
  return {
    out: printer(stdout),
    err: printer(stderr),
    progress: (line) => {
      if (stderr.isTTY === true) {
        // A longer line would be wrapped, and only its last part overwritten.
        stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns || 80) - 1)}`);
        isShown = true;
      }
    },
  };
}

const COLOURS = { good: 32, bad: 31, warning: 33 } as const;

/** Colours a text, or returns it as it is. */
export type Paint = (colour: keyof typeof COLOURS, text: string) => string;

export const plain: Paint = (_, text) => text;

/** Uses colours only on a terminal that has them, unless the user has switched them off (https://no-color.org). */
export function paintFor(isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint {
  if (!isTerminal || environment['NO_COLOR'] || environment['TERM'] === 'dumb') {
    return plain;
  }
  return (colour, text) => `\x1b[${COLOURS[colour]}m${text}\x1b[0m`;
}

/** Formats a value as one line of JSON. Amounts are strings, as in HTTP, because not every reader of JSON keeps 15 digits. */
export function toJson(value: object): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? String(member) : member,
  );
}
