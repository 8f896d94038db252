import type { Environment } from '../environment.ts';
import type { LoadChain } from './credentials.ts';
import type { ReadFile } from './outputs.ts';
import type { Paint, Terminal } from './terminal.ts';

/** What the command takes from its process. */
export interface CommandProcess extends Terminal {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly readFile: ReadFile;
  /** Writes a file that the user alone can read, in place of the one before, and makes its folder. */
  readonly writeFile: (path: string, text: string) => void;
  readonly loadChain: LoadChain;
  /** Network, clocks and chance. */
  readonly world: Environment;
  /** Colours for what is written with `out` and with `err`. */
  readonly paint: { readonly out: Paint; readonly err: Paint };
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Aborted when the reader of the output is gone. */
  readonly readerGone: AbortSignal;
  /** Waits until the reader has taken what was written, or the signal is aborted, at which it throws. */
  readonly drained: (signal: AbortSignal) => Promise<void>;
}
