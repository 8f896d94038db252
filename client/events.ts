import type { Endpoint } from './endpoint.ts';
import type { AttemptFailure } from './failure.ts';

/** What a client does, as it does it. Hand in `onEvent` to watch; it is called synchronously and must not block. */
export type BankEvent =
  /** A call is about to be sent with this key. To be able to retry after a crash, hand in a key of your own instead. */
  | { readonly type: 'key'; readonly account: string; readonly key: string }
  | { readonly type: 'attempt_started'; readonly attempt: number; readonly endpoint: Endpoint }
  | {
      readonly type: 'attempt_answered';
      readonly attempt: number;
      readonly endpoint: Endpoint;
      /** Region that answered, by its own word. */
      readonly region: string | undefined;
      readonly status: number;
      readonly durationMs: number;
    }
  | ({
      readonly type: 'attempt_failed';
      readonly attempt: number;
      readonly durationMs: number;
    } & AttemptFailure)
  /** Every endpoint has failed once more; the client waits before it tries them again. */
  | { readonly type: 'waiting'; readonly delayMs: number }
  /** Calls go to another endpoint from now on. */
  | { readonly type: 'endpoint_changed'; readonly from: Endpoint; readonly to: Endpoint };

/** A function that watches. */
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
