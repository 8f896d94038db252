/** How far a run is. */
export interface Progress {
  readonly phase: 'starting' | 'load' | 'resolving' | 'checking';
  readonly elapsedMs: number;
  readonly calls: number;
  readonly unknown: number;
  /** Labels of the faults that last at this moment. */
  readonly faults: readonly string[];
}

/** What the line needs of a stream. */
export interface LineStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One line that is written over and over, on a terminal only: in a file it would be a thousand lines. */
export function openProgressLine(
  stream: LineStream,
  minutes: number,
): { readonly show: (progress: Progress) => void; readonly clear: () => void } {
  if (stream.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  return {
    show: (progress) => {
      stream.write(`\r\x1b[K${lineOf(progress, minutes).slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear: () => {
      stream.write('\r\x1b[K');
    },
  };
}

export function lineOf({ phase, elapsedMs, calls, unknown, faults }: Progress, minutes: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} of ${minutes} min`;
  return [phase, time, `${calls} calls`, `${unknown} unknown`, faults.join(', ')].join('  ').trimEnd();
}
