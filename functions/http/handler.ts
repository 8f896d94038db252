import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as v from 'valibot';
import { accountSchema, HEADERS, keySchema } from '../../client/contract/schemas.ts';
import type { Bank } from '../bank/bank.ts';
import { StoreUnavailableError } from '../bank/unavailable.ts';
import { badRequestAnswer, toResult } from './answers.ts';
import { type Handled, type InvocationContext, isAboutKey, perform, unavailable } from './operations.ts';
import { BadRequestError } from './request.ts';
import { type Route, routeOf } from './routes.ts';

/** The log line of a call, alone or in a batch. It contains no header and no body, so no credentials. */
export interface CallLine {
  /** Lambda's ID of the invocation, as in the platform's own log lines. */
  readonly requestId: string;
  readonly operation: string;
  readonly account?: string;
  readonly key?: string;
  /** `executed`, `replayed`, `answered`, `pending`, `acknowledged` or a problem code. */
  readonly outcome: string;
  /** Present, and true, if the reply was recorded before. */
  readonly replayed?: true;
  /** Entries of the head when a page was due: 24, or more if many callers write at once or pages cannot be turned. */
  readonly headEntries?: number;
  /**
   * Why work that remained after the answer was not done in time. The next page that is due includes the entries; the sweep completes a
   * transfer.
   */
  readonly leftUndone?: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Writes the log line of a call. `error` is set only for a fault. */
export type CallLog = (line: CallLine, error?: unknown) => void;

/** What the handler needs. */
export interface HandlerParts {
  readonly bank: Bank;
  /** AWS Region of this handler. */
  readonly region: string;
  readonly log: CallLog;
  /** Monotonic clock in milliseconds, for durations. */
  readonly elapsedMs: () => number;
  /** Wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Returns a signal that is aborted after a time in milliseconds. */
  readonly abortAfter: (timeMs: number) => AbortSignal;
}

/** A Lambda function behind an API Gateway HTTP API, payload format 2.0. */
export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Makes the handler. It answers every error, and logs its stack only if it is a fault. */
export function createHandler({ bank, region, log, elapsedMs, nowMs, abortAfter }: HandlerParts): ApiHandler {
  return async (event, context) => {
    const startedMs = elapsedMs();
    const { routeKey, rawPath: path } = event;
    const route = routeOf({ routeKey, method: event.requestContext.http.method, path });
    let fault: unknown;
    const outcome = await perform({ bank, nowMs, abortAfter }, route, event, context).catch(
      (thrown: unknown) => {
        if (!(thrown instanceof BadRequestError)) {
          fault = thrown;
        }
        return outcomeOfError(thrown, event, route);
      },
    );
    const { answer, remaining, calls, ...logged } = outcome;
    const left =
      remaining === undefined ? undefined : await waitForWork(remaining.done, abortAfter(REMAINING_WORK_MS));
    const durationMs = Math.round((elapsedMs() - startedMs) * 10) / 10;
    const subject = subjectOf(route, event);
    const handled = calls ?? [{ ...logged, status: answer.status, error: fault }];
    for (const [index, { error, ...call }] of handled.entries()) {
      log(
        {
          requestId: context.awsRequestId,
          ...subject,
          ...call,
          ...(index === 0 && remaining?.headEntries !== undefined
            ? { headEntries: remaining.headEntries }
            : {}),
          ...(index === 0 && left !== undefined ? { leftUndone: left } : {}),
          durationMs,
        },
        error,
      );
    }
    return toResult(answer, region, logged.replayed ?? false);
  };
}

/** Longest time that an answer waits for remaining work, in milliseconds. */
const REMAINING_WORK_MS = 100;

/**
 * Waits for remaining work, such as turning a page, because Lambda freezes a function after its answer. It does not wait long, because a
 * table that hangs must not delay the answer of an executed call. Returns why the work was not done, or undefined.
 */
async function waitForWork(remaining: Promise<void>, signal: AbortSignal): Promise<string | undefined> {
  const late = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve(`not done in ${REMAINING_WORK_MS} ms`), { once: true });
  });
  const done = remaining.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return await Promise.race([done, late]);
}

/** The operation, account and key of a call, for the log. An invalid account or key is left out, because it could be anything. */
function subjectOf(
  route: Route,
  event: APIGatewayProxyEventV2,
): Pick<CallLine, 'operation' | 'account' | 'key'> {
  const account = v.safeParse(accountSchema, route.account);
  const key = v.safeParse(keySchema, route.key ?? event.headers[HEADERS.idempotencyKey]);
  return {
    operation: route.operation,
    ...(account.success ? { account: account.output } : {}),
    ...(key.success ? { key: key.output } : {}),
  };
}

function outcomeOfError(error: unknown, event: APIGatewayProxyEventV2, { operation, key }: Route): Handled {
  if (error instanceof BadRequestError) {
    return { answer: badRequestAnswer(error.message), outcome: 'bad_request' };
  }
  // A read of an account executes nothing, whatever failed.
  if (event.requestContext.http.method === 'GET' && key === undefined) {
    return unavailable({ executed: 'no', reason: undefined });
  }
  // An unexpected error may occur after a write, so the answer says that the outcome is unknown.
  return unavailable(
    error instanceof StoreUnavailableError && !isAboutKey(operation)
      ? error
      : { executed: 'unknown', reason: undefined },
  );
}
