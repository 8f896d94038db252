import type { AttemptFailure, Endpoint } from './failure.ts';

/**
 * Something that a client does; `type` says what. Times are milliseconds; `attempt` counts from 1 within a call. The client calls the
 * option `onEvent` synchronously, so it must not block.
 *
 * @example
 * ```ts
 * const onEvent = (event: BankEvent) => {
 *   if (event.type === 'attempt_failed') console.warn(`${event.endpoint.name}: ${event.reason}`);
 * };
 * ```
 */
export type BankEvent =
  /** A call will be sent with this key. To be able to retry it after a crash, give a key of your own instead. */
  | { readonly type: 'key'; readonly account: string; readonly key: string }
  /** A request will be sent to an endpoint. */
  | { readonly type: 'attempt_started'; readonly attempt: number; readonly endpoint: Endpoint }
  /** The bank, or the gateway in front of it, has executed the request or refused it. */
  | {
      readonly type: 'attempt_answered';
      readonly attempt: number;
      readonly endpoint: Endpoint;
      /** Region that answered, if the answer names it. */
      readonly region: string | undefined;
      readonly status: number;
      readonly durationMs: number;
    }
  /** An attempt got no answer. The call continues while it has time. */
  | ({
      readonly type: 'attempt_failed';
      readonly attempt: number;
      readonly durationMs: number;
    } & AttemptFailure)
  /** Every endpoint has failed. The client waits before it tries them again. */
  | { readonly type: 'waiting'; readonly delayMs: number }
  /** Calls go to another endpoint from now on. */
  | { readonly type: 'endpoint_changed'; readonly from: Endpoint; readonly to: Endpoint };

/**
 * A function that receives events. If it throws, the exception is reported as uncaught, and the call is not affected.
 *
 * @example
 * ```ts
 * const listener: BankEventListener = (event) => console.debug(event);
 * ```
 */
export type BankEventListener = (event: BankEvent) => void;

/**
 * Wraps a listener so that its exceptions do not turn an executed call into a failed one. They are reported as uncaught, like those of
 * any event listener.
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
