import type { Progress } from './drill.ts';

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
  nowMs: () => number = () => performance.now(),
): { readonly show: (progress: Progress) => void; readonly clear: () => void } {
  if (stream.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  const startedMs = nowMs();
  let shownMs = Number.NEGATIVE_INFINITY;
  let shown = '';
  return {
    show: (progress) => {
      const isNewPhase = !shown.startsWith(progress.phase);
      if (!isNewPhase && nowMs() - shownMs < 1000) return;
      shownMs = nowMs();
      shown = lineOf(progress, nowMs() - startedMs, minutes).slice(0, (stream.columns ?? 80) - 1);
      stream.write(`\r\x1b[K${shown}`);
    },
    clear: () => {
      stream.write('\r\x1b[K');
    },
  };
}

function lineOf({ phase, calls, failovers, away }: Progress, elapsedMs: number, minutes: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} of ${minutes} min`;
  return `${phase}  ${time}  ${calls} calls  ${failovers} failovers  ${away} clients away`;
}
