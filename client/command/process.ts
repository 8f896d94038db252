import type { Environment } from '../environment.ts';
import type { Credentials } from '../options.ts';
import type { ReadFile } from './outputs.ts';
import type { Paint, Terminal } from './terminal.ts';

/** The part of AWS's credentials chain that the command uses. */
interface ChainModule {
  readonly defaultProvider: (options: {
    readonly maxRetries: number;
    readonly timeout: number;
  }) => () => Promise<Credentials>;
}
export type LoadChain = () => Promise<ChainModule>;

/** What the command needs from its process. */
export interface CommandProcess extends Terminal {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly readFile: ReadFile;
  /** Writes or replaces a file that only the user can read, and creates its folder. */
  readonly writeFile: (path: string, text: string) => void;
  readonly loadChain: LoadChain;
  /** Network, clocks and random numbers. */
  readonly world: Environment;
  /** Colours for `out` and for `err`. */
  readonly paint: { readonly out: Paint; readonly err: Paint };
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Aborted when the reader of the output is gone. */
  readonly readerGone: AbortSignal;
  /** Waits until the reader has accepted the output. Throws if the signal is aborted. */
  readonly drained: (signal: AbortSignal) => Promise<void>;
}
