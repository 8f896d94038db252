import type { AttemptFailure, Endpoint } from './failure.ts';

/**
 * What a client does, as it does it; `type` says which. Times are milliseconds, `attempt` counts from 1 within a call. Hand
 * in `onEvent` to watch; it is called synchronously and must not block.
 *
 * @example
 * ```ts
 * const onEvent = (event: BankEvent) => {
 *   if (event.type === 'attempt_failed') console.warn(`${event.endpoint.name}: ${event.reason}`);
 * };
 * ```
 */
export type BankEvent =
  /** A call is about to be sent with this key. To be able to retry after a crash, hand in a key of your own instead. */
  | { readonly type: 'key'; readonly account: string; readonly key: string }
  /** A request is about to go to an endpoint. */
  | { readonly type: 'attempt_started'; readonly attempt: number; readonly endpoint: Endpoint }
  /** The bank, or the gateway before it, has answered: with a yes or a no. */
  | {
      readonly type: 'attempt_answered';
      readonly attempt: number;
      readonly endpoint: Endpoint;
      /** Region that answered, by its own word. */
      readonly region: string | undefined;
      readonly status: number;
      readonly durationMs: number;
    }
  /** An attempt gave no answer. The call goes on while it has time. */
  | ({
      readonly type: 'attempt_failed';
      readonly attempt: number;
      readonly durationMs: number;
    } & AttemptFailure)
  /** Every endpoint has failed once more; the client waits before it tries them again. */
  | { readonly type: 'waiting'; readonly delayMs: number }
  /** Calls go to another endpoint from now on. */
  | { readonly type: 'endpoint_changed'; readonly from: Endpoint; readonly to: Endpoint };

/**
 * A function that watches. An exception of its own is reported as uncaught and changes nothing about the call.
 *
 * @example
 * ```ts
 * const listener: BankEventListener = (event) => console.debug(event);
 * ```
 */
export type BankEventListener = (event: BankEvent) => void;

/**
 * Calls a listener so that its faults stay its own: an exception is reported as uncaught, like that of any event
 * listener, and does not turn an executed call into a failed one.
 */
export function isolate(listener: BankEventListener): BankEventListener {
  return (event) => {
    try {
      listener(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
