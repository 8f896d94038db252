import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as v from 'valibot';
import { accountSchema, HEADERS, keySchema } from '../../client/contract.ts';
import type { Bank } from '../core/bank.ts';
import { StoreUnavailableError } from '../core/store.ts';
import { toResult } from './answers.ts';
import { type InvocationContext, type Outcome, perform, problemOutcome, unavailable } from './operations.ts';
import { BadRequestError } from './request.ts';
import { type Route, routeOf } from './routes.ts';

/** What one call was about and what became of it: one line in the log. Holds no header and no body, so no credential. */
export interface CallLine {
  /** Lambda's id of the invocation, the same as in the platform's own log lines. */
  readonly requestId: string;
  readonly operation: string;
  readonly account?: string;
  readonly key?: string;
  /** `executed`, `replayed`, `answered` or a problem code. */
  readonly outcome: string;
  /** Replies that the call gave back. */
  readonly acknowledged?: number;
  /** Replies that the call moved to the archive. */
  readonly archived?: number;
  /** What kept replies from being archived or given back beside the call; the next call tries again. */
  readonly housekeeping?: string;
  /** There, and true, when a write of the call may still arrive. */
  readonly unsettled?: true;
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
  /** Makes a signal that is aborted after a time in milliseconds. */
  readonly abortAfter: (timeMs: number) => AbortSignal;
}

/** A Lambda function behind an API Gateway HTTP API, payload format 2.0. */
export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Makes the handler. Whatever goes wrong with an event of API Gateway is an answer, and the stack stays in the log. */
export function createHandler({ bank, region, log, elapsedMs, abortAfter }: HandlerParts): ApiHandler {
  return async (event, context) => {
    const startedMs = elapsedMs();
    const { routeKey, rawPath: path } = event;
    const route = routeOf({ routeKey, method: event.requestContext.http.method, path });
    const [{ answer, ...said }, error] = await settle(() =>
      perform({ bank, abortAfter }, route, event, context),
    );
    log(
      {
        requestId: context.awsRequestId,
        ...subjectOf(route, event),
        ...said,
        status: answer.status,
        durationMs: Math.round((elapsedMs() - startedMs) * 10) / 10,
      },
      error,
    );
    const { outcome, unsettled = false } = said;
    return toResult(answer, region, { unsettled, replayed: outcome === 'replayed' });
  };
}

/** What the call is about, for the log. A name or key that is not valid is left out: a log line is no place for junk. */
function subjectOf(
  route: Route,
  event: APIGatewayProxyEventV2,
): Pick<CallLine, 'operation' | 'account' | 'key'> {
  const account = v.safeParse(accountSchema, 'account' in route ? route.account : undefined);
  const key = v.safeParse(keySchema, 'key' in route ? route.key : event.headers[HEADERS.idempotencyKey]);
  return {
    operation: route.kind === 'move' ? route.move : route.kind,
    ...(account.success ? { account: account.output } : {}),
    ...(key.success ? { key: key.output } : {}),
  };
}

async function settle(work: () => Promise<Outcome>): Promise<[Outcome, unknown?]> {
  try {
    return [await work()];
  } catch (error) {
    if (error instanceof BadRequestError) {
      return [problemOutcome('bad_request', `${error.message}. Nothing has happened.`)];
    }
    // An error that nobody expected may have come after a write, so it is told as one whose effect is unknown.
    const executed = error instanceof StoreUnavailableError ? error.executed : 'unknown';
    return [unavailable(executed), error];
  }
}
