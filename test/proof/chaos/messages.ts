import type { Answer, Call, LoadMove } from '../../../client/load/call.ts';

/** A call whose key is known before it is sent. */
export type KeyedMove = LoadMove & { readonly key: string };

/** What a caller asks the bank for. A cancellation names the call that was made before. */
export type CallerRequest =
  | KeyedMove
  | Extract<Call, { kind: 'balance' }>
  | { readonly kind: 'cancel'; readonly move: KeyedMove };

/** A call that has no key yet: its client mints one, and reports it before it sends anything. */
export type NewCall = Keyless<LoadMove> & { readonly keyAgeMs: number };

/** Of each kind of call. */
type Keyless<Each> = Each extends unknown ? Omit<Each, 'key'> : never;

/** True for a call that has no key yet. */
export function isNew(asked: CallerRequest | NewCall): asked is NewCall {
  return 'keyAgeMs' in asked;
}

/** How it ended, as its caller reports. */
export interface Reply {
  readonly answer: Answer;
  readonly durationMs: number;
  /** From the first failed attempt to the answer, when another Region gave it. */
  readonly failoverMs: number | undefined;
}

/** In place of a reply: the process was killed while it asked. */
export const LOST = 'lost';

/** How one caller in a client process reaches the bank. */
export interface CallerSettings {
  /** The preferred one first. */
  readonly endpoints: readonly { readonly url: string; readonly region: string }[];
  /** Undefined for one that does not hedge. */
  readonly hedgeAfterMs: number | undefined;
  /** Its client mints the keys, as it does by default. */
  readonly letsMint: boolean;
}

/** What a client process is given at its start, as JSON in its first argument. */
export interface ClientSettings {
  readonly callers: readonly CallerSettings[];
  readonly attemptTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly probeIntervalMs: number;
}

/** From the run to a client process. */
export type RunMessage =
  | { readonly type: 'ask'; readonly caller: number; readonly asked: CallerRequest | NewCall }
  /** The run has received the key of a caller, which sends nothing before. */
  | { readonly type: 'key_received'; readonly caller: number };

/** From a client process to the run. */
export type ClientMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'key'; readonly caller: number; readonly key: string }
  | { readonly type: 'reply'; readonly caller: number; readonly reply: Reply }
  | { readonly type: 'broken'; readonly message: string };
