/** What is needed of a stream that may be a terminal. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Two streams, which may be one terminal, and a line on it that is written over and over. */
export interface Screen {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Shows a line in the place of the one before; only on a terminal, since in a file it would be a thousand lines. */
  readonly progress: (line: string) => void;
}

/** Opens both streams. The progress line makes room for every other one. */
export function openScreen(stdout: Stream, stderr: Stream): Screen {
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
        // A line that is too long would be wrapped, and only its last part written over.
        stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns || 80) - 1)}`);
        isShown = true;
      }
    },
  };
}
