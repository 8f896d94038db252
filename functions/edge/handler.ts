import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as v from 'valibot';
import { accountSchema, HEADERS, keySchema, type ProblemCode } from '../../client/contract.ts';
import type { Bank } from '../core/bank.ts';
import { StoreUnavailableError } from '../core/store.ts';
import { answerOf, DETAILS, type HttpAnswer, problem, toResult, UNAVAILABLE_DETAILS } from './answers.ts';
import { timeToWorkMs } from './deadline.ts';
import { BadRequestError, readAccount, readCall, readKey } from './request.ts';
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
}

/** A Lambda function behind an API Gateway HTTP API, payload format 2.0. */
export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** What the handler reads of Lambda's context. */
export type InvocationContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** An answer and the word for it in the log. */
interface Outcome {
  readonly answer: HttpAnswer;
  readonly outcome: string;
}

/** Makes the handler. It never throws: whatever goes wrong is an answer, and the stack stays in the log. */
export function createHandler({ bank, region, log, elapsedMs }: HandlerParts): ApiHandler {
  return async (event, context) => {
    const startedMs = elapsedMs();
    const route = routeOf(event.requestContext.http.method, event.rawPath);
    const [{ answer, outcome }, error] = await settle(() => perform(bank, route, event, context));
    log(
      {
        requestId: context.awsRequestId,
        ...subjectOf(route, event),
        outcome,
        status: answer.status,
        durationMs: Math.round((elapsedMs() - startedMs) * 10) / 10,
      },
      error,
    );
    return toResult(answer, region);
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

async function perform(
  bank: Bank,
  route: Route,
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
): Promise<Outcome> {
  const timeMs = timeToWorkMs(event.headers[HEADERS.timeLeftMs], context.getRemainingTimeInMillis());
  if (timeMs <= 0) {
    return unavailable('no');
  }
  const signal = AbortSignal.timeout(timeMs);
  switch (route.kind) {
    case 'no_such_route':
      return problemOutcome('no_such_route', DETAILS.no_such_route);
    case 'health':
      await bank.checkHealth(signal);
      return { answer: { status: 200, body: { status: 'ok' } }, outcome: 'answered' };
    case 'balance':
      return balance(bank, readAccount(route.account), signal);
    case 'recorded_reply':
      return recordedReply(bank, readAccount(route.account), readKey(route.key), signal);
    case 'move': {
      const call = readCall(event, route.account, route.move);
      const answer = await bank.move(call, signal);
      return answer.kind === 'turned_away'
        ? problemOutcome(answer.code, DETAILS[answer.code])
        : {
            answer: answerOf(call.account, call.key, answer.recorded),
            outcome: answer.replayed ? 'replayed' : outcomeOf(answer.recorded.reply),
          };
    }
  }
}

async function balance(bank: Bank, account: string, signal: AbortSignal): Promise<Outcome> {
  const balanceMinor = await bank.balance(account, signal);
  return balanceMinor === undefined
    ? problemOutcome('no_such_account', DETAILS.no_such_account)
    : { answer: { status: 200, body: { account, balance: String(balanceMinor) } }, outcome: 'answered' };
}

async function recordedReply(
  bank: Bank,
  account: string,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const recorded = await bank.recordedCall(account, key, signal);
  return recorded === undefined
    ? problemOutcome('no_reply', DETAILS.no_reply)
    : { answer: { status: 200, body: { key, ...answerOf(account, key, recorded) } }, outcome: 'answered' };
}

function outcomeOf(reply: { kind: 'executed' } | { kind: 'refused'; code: string }): string {
  return reply.kind === 'executed' ? 'executed' : reply.code;
}

function problemOutcome(code: ProblemCode, detail: string): Outcome {
  return { answer: problem(code, detail), outcome: code };
}

function unavailable(executed: 'no' | 'unknown'): Outcome {
  const members = executed === 'no' ? { executed: false as const } : {};
  return { answer: problem('unavailable', UNAVAILABLE_DETAILS[executed], members), outcome: 'unavailable' };
}
