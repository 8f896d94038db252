import { ConditionalCheckFailedException, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailableError } from '../core/store.ts';

/** Set on the SDK's per-call context as soon as one HTTP attempt ends without telling what became of it. */
const UNCERTAIN = 'twinbank:uncertain';

/** Answers of calls that had sent an HTTP attempt before whose answer never came: outputs, and failed conditions. */
const MAY_STILL_ARRIVE = new WeakSet<object>();

/**
 * True when an earlier HTTP attempt of the call that was answered like this may still be on its way. It can do no harm
 * while the item keeps the key from being executed; so nobody may be told that nothing has happened, and the reply must
 * not be given back.
 */
export function mayStillArrive(answer: object): boolean {
  return MAY_STILL_ARRIVE.has(answer);
}

/** Errors of the network that mean that the request never left this process. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Makes the client throw {@link StoreUnavailableError} instead of its many errors, and makes that error honest.
 *
 * The SDK retries inside one call and throws the last attempt's error only. A first attempt that timed out may have
 * written, whatever the last one says ("throttled", "connection refused"), so each attempt is watched: the inner
 * middleware runs once an attempt, the outer one once a call.
 *
 * `onAttemptError` hears the name of each attempt's error, those included that a retry makes up for.
 */
export function watchFate(
  client: DynamoDBDocumentClient,
  onAttemptError: (errorName: string) => void = () => {},
): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        onAttemptError(error instanceof Error ? error.name : '');
        if (!certainlyNotExecuted(error)) {
          context[UNCERTAIN] = true;
        }
        throw error;
      }
    },
    // The retries happen in the same step at high priority: low puts this inside of them.
    { name: 'twinbankAttemptFate', step: 'finalizeRequest', priority: 'low' },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        const result = await next(args);
        if (context[UNCERTAIN] === true) {
          MAY_STILL_ARRIVE.add(result.output);
        }
        return result;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          if (context[UNCERTAIN] === true) {
            MAY_STILL_ARRIVE.add(error);
          }
          throw error;
        }
        throw new StoreUnavailableError(
          context[UNCERTAIN] === true ? 'unknown' : 'no',
          `DynamoDB did not answer: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
          { cause: error },
        );
      }
    },
    { name: 'twinbankCallFate', step: 'initialize', priority: 'high' },
  );
}

/** DynamoDB turned the request away (a 4xx: throttled, in conflict, not allowed), or never saw it. */
function certainlyNotExecuted(error: unknown): boolean {
  if (error instanceof DynamoDBServiceException) {
    const status = error.$metadata.httpStatusCode;
    return error.$fault === 'client' && status !== undefined && status >= 400 && status < 500;
  }
  return error instanceof Error && NEVER_SENT.has((error as NodeJS.ErrnoException).code ?? '');
}
