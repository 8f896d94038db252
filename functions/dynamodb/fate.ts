import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
} from '@aws-sdk/client-dynamodb';
import { StoreUnavailableError } from '../bank/store.ts';

/** A command of the SDK, which is sent once; its input tells one from another. */
interface Sent {
  readonly input: object;
}

/** Inputs of commands of which an HTTP attempt has ended without telling what became of it. */
const UNCERTAIN = new WeakSet<object>();

/**
 * True when an earlier HTTP attempt of a command that was answered may still be on its way. It can do no harm once an entry guards
 * the key; until then nobody may be told that nothing has happened.
 */
export function mayStillArrive({ input }: Sent): boolean {
  return UNCERTAIN.has(input);
}

/**
 * System calls of Node that come before a request is sent. The code of an error does not say it: a connection that was
 * open can break with EHOSTUNREACH as well, behind a request that has arrived.
 */
const BEFORE_SENDING = new Set(['getaddrinfo', 'connect']);

/** Names under which a 4xx says that somebody gave up waiting: it may have handed the request on. */
const GAVE_UP_WAITING = new Set(['RequestTimeout', 'RequestTimeoutException']);

/**
 * Watches each HTTP attempt of a client. The SDK retries inside one command and tells the last attempt's error only; a
 * first attempt that timed out may have written, whatever the last one says ("throttled", "connection refused").
 *
 * `onAttemptError` hears the name of each attempt's error, those included that a retry makes up for.
 */
export function watchAttempts(
  client: DynamoDBClient,
  onAttemptError: (errorName: string) => void = () => {},
): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        onAttemptError(error instanceof Error ? error.name : '');
        if (!certainlyNotExecuted(error)) {
          UNCERTAIN.add(args.input);
        }
        throw error;
      }
    },
    // The retries happen in the same step at high priority: low puts this inside of them.
    { name: 'twinbankAttempts', step: 'finalizeRequest', priority: 'low' },
  );
}

/**
 * Waits for the answer to a command of a watched client. Throws {@link StoreUnavailableError} instead of the SDK's many
 * errors, and that error is honest about every attempt; only a failed condition stays what it is, because it is an answer.
 */
export async function answerTo<Output>(command: Sent, sending: Promise<Output>): Promise<Output> {
  try {
    return await sending;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      throw error;
    }
    throw new StoreUnavailableError(
      mayStillArrive(command) ? 'unknown' : 'no',
      `DynamoDB did not answer: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      { cause: error },
    );
  }
}

/** DynamoDB turned the request away (a 4xx: throttled, in conflict, not allowed), or never saw it. */
function certainlyNotExecuted(error: unknown): boolean {
  if (!(error instanceof DynamoDBServiceException)) {
    return neverSent(error);
  }
  const { httpStatusCode: status = 0 } = error.$metadata;
  return status >= 400 && status < 500 && status !== 408 && !GAVE_UP_WAITING.has(error.name);
}

function neverSent(error: unknown): boolean {
  if (error instanceof AggregateError) {
    // A host with several addresses fails with an error for each of them.
    return error.errors.length > 0 && error.errors.every(neverSent);
  }
  return error instanceof Error && BEFORE_SENDING.has((error as NodeJS.ErrnoException).syscall ?? '');
}
