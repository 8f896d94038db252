import type { FailureReason } from '../../client/failure.ts';
import type { Answer } from '../../infra/drill/ask.ts';
import type { MoveRequest, Request } from '../../infra/drill/books.ts';

/** Something that a caller asks the bank. To cancel is to ask about a call that somebody had made. */
export type Asked = Request | { readonly kind: 'cancel'; readonly move: MoveRequest };

/** A call that has no key yet: its client chooses one, and tells it before it sends anything. */
export type NewCall = Omit<MoveRequest, 'key'> & { readonly keyAgeMs: number };

/** True for a call that has no key yet. */
export function isNew(asked: Asked | NewCall): asked is NewCall {
  return 'keyAgeMs' in asked;
}

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
  /** Its client mints the keys, as it does by default. */
  readonly letsMint: boolean;
}

/** What a client process is told at its start, as JSON in its first argument. */
export interface ClientSettings {
  readonly callers: readonly CallerSettings[];
  readonly attemptTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly probeIntervalMs: number;
}

/** From the run to a client process. */
export type RunMessage =
  | { readonly type: 'ask'; readonly caller: number; readonly asked: Asked | NewCall }
  /** The key that a caller told is known. Before it hears this, it sends nothing. */
  | { readonly type: 'heard'; readonly caller: number };

/** From a client process to the run. */
export type ClientMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'key'; readonly caller: number; readonly key: string }
  | { readonly type: 'told'; readonly caller: number; readonly told: Told }
  | { readonly type: 'broken'; readonly message: string };
