import type { Item } from './item.ts';

/** Some items, and where the next ones begin. */
export interface Page {
  readonly items: readonly Item[];
  /** What {@link Source.read} takes to go on behind this page; undefined at the end of the part. */
  readonly next: string | undefined;
}

/** Where items come from: a table that was restored, or an export of one. */
export interface Source {
  /** For messages, and to tell on resuming that it is still the same. */
  readonly name: string;
  /** Names of the parts that can be read side by side. */
  parts(): Promise<readonly string[]>;
  /** Reads a page of a part, from its beginning or from where another page ended. */
  read(part: string, from: string | undefined): Promise<Page>;
}

/** A source that cannot be read, or is not what it says it is. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code = 'source_unusable';
}
