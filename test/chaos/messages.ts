import type { FailureReason } from '../../client/failure.ts';
import type { Answer } from '../../infra/drill/ask.ts';
import type { MoveRequest, Request } from '../../infra/drill/books.ts';

/** Something that a caller asks the bank. To cancel is to ask about a call that somebody had made. */
export type Asked = Request | { readonly kind: 'cancel'; readonly move: MoveRequest };

/** What came of it, as its caller tells. */
export interface Told {
  readonly answer: Answer;
  readonly durationMs: number;
  /** Attempts that failed, in their order. */
  readonly failures: readonly { readonly region: string; readonly reason: FailureReason }[];
  /** From the first failed attempt to the answer, when another Region gave it. */
  readonly failoverMs: number | undefined;
}

/** How one caller in a client process reaches the bank. */
export interface CallerSettings {
  /** The preferred one first. */
  readonly endpoints: readonly { readonly url: string; readonly region: string }[];
  /** Undefined for one that does not hedge. */
  readonly hedgeAfterMs: number | undefined;
  /** Its client gives replies back, as it does by default. */
  readonly givesBack: boolean;
}

/** What a client process is told at its start, as JSON in its first argument. */
export interface ClientSettings {
  readonly callers: readonly CallerSettings[];
  readonly attemptTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly probeIntervalMs: number;
}

/** What a key is made of. Whoever mints from the same makes the same, so that the run knows a key before its client does. */
export interface Minting {
  readonly timeMs: number;
  readonly random: Uint8Array;
}

/** From the run to a client process. */
export interface AskMessage {
  readonly caller: number;
  readonly asked: Asked;
  /** Has the client mint the key itself, which it must to give the reply back. */
  readonly minting: Minting | undefined;
}

/** From a client process to the run. */
export type ClientMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'told'; readonly caller: number; readonly told: Told }
  | { readonly type: 'broken'; readonly message: string };
