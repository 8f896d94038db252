import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as v from 'valibot';
import { accountSchema, HEADERS, keySchema } from '../../client/contract/schemas.ts';
import type { Bank } from '../bank/bank.ts';
import { StoreUnavailableError } from '../bank/store.ts';
import { badRequestAnswer, toResult } from './answers.ts';
import { type Handled, type InvocationContext, perform, unavailable } from './operations.ts';
import { BadRequestError } from './request.ts';
import { type Route, routeOf } from './routes.ts';

/** What one call was about and how it ended: one line in the log. Holds no header and no body, so no credential. */
export interface CallLine {
  /** Lambda's id of the invocation, the same as in the platform's own log lines. */
  readonly requestId: string;
  readonly operation: string;
  readonly account?: string;
  readonly key?: string;
  /** `executed`, `replayed`, `answered` or a problem code. */
  readonly outcome: string;
  /** There, and true, when the reply was recorded before. */
  readonly replayed?: true;
  /** Entries of the head when a page was due: 24, or more if many callers write at once or pages cannot be turned. */
  readonly headEntries?: number;
  /**
   * Why work that remained after the answer was not done in time. A page is turned by the next write that makes one due, a transfer by
   * the sweep.
   */
  readonly leftUndone?: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Where the handler says what happened. `error` is there only for a fault, with its stack. */
export type CallLog = (line: CallLine, error?: unknown) => void;

/** What the handler is made of. */
export interface HandlerParts {
  readonly bank: Bank;
  /** AWS Region that this handler answers from. */
  readonly region: string;
  readonly log: CallLog;
  /** Monotonic clock in milliseconds, for durations. */
  readonly elapsedMs: () => number;
  /** Wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Makes a signal that is aborted after a time in milliseconds. */
  readonly abortAfter: (timeMs: number) => AbortSignal;
}

/** A Lambda function behind an API Gateway HTTP API, payload format 2.0. */
export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Makes the handler. An error becomes an answer, and its stack is only logged. */
export function createHandler({ bank, region, log, elapsedMs, nowMs, abortAfter }: HandlerParts): ApiHandler {
  return async (event, context) => {
    const startedMs = elapsedMs();
    const { routeKey, rawPath: path } = event;
    const route = routeOf({ routeKey, method: event.requestContext.http.method, path });
    let error: unknown;
    const outcome = await perform({ bank, nowMs, abortAfter }, route, event, context).catch(
      (thrown: unknown) => {
        if (!(thrown instanceof BadRequestError)) {
          error = thrown;
        }
        return outcomeOfError(thrown);
      },
    );
    const { answer, remaining, ...said } = outcome;
    const left =
      remaining === undefined ? undefined : await waitForWork(remaining.done, abortAfter(TURNING_MS));
    log(
      {
        requestId: context.awsRequestId,
        ...subjectOf(route, event),
        ...said,
        ...(remaining?.headEntries === undefined ? {} : { headEntries: remaining.headEntries }),
        ...(left === undefined ? {} : { leftUndone: left }),
        status: answer.status,
        durationMs: Math.round((elapsedMs() - startedMs) * 10) / 10,
      },
      error,
    );
    return toResult(answer, region, said.replayed ?? false);
  };
}

/** Longest that an answer waits for a page to be turned, in milliseconds. */
const TURNING_MS = 100;

/**
 * Waits for a page to be turned, but not for long: a function that has answered is frozen, so what is not done by then may
 * never be, and a table that hangs must not keep the answer of a call that is executed. Returns what kept it from being done.
 */
async function waitForWork(remaining: Promise<void>, signal: AbortSignal): Promise<string | undefined> {
  const late = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve(`not done in ${TURNING_MS} ms`), { once: true });
  });
  const done = remaining.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return await Promise.race([done, late]);
}

/** What the call is about, for the log. A name or key that is not valid is left out: a log line is no place for junk. */
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

function outcomeOfError(error: unknown): Handled {
  if (error instanceof BadRequestError) {
    return { answer: badRequestAnswer(error.message), outcome: 'bad_request' };
  }
  // An unexpected error may come after a write, so the answer says that the outcome is unknown.
  return unavailable(
    error instanceof StoreUnavailableError ? error : { executed: 'unknown', reason: undefined },
  );
}
