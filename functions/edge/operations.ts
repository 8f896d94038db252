import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { HEADERS, type ProblemCode } from '../../client/contract.ts';
import type { Call, Recorded, Subject } from '../core/account.ts';
import type { Bank, Outcome as BankOutcome } from '../core/bank.ts';
import {
  answerOf,
  cancellationAnswer,
  DETAILS,
  type HttpAnswer,
  problem,
  UNAVAILABLE_DETAILS,
} from './answers.ts';
import { timeToWorkMs } from './deadline.ts';
import { readAccount, readAcknowledged, readCall, readKey } from './request.ts';
import type { Route } from './routes.ts';

/** What the handler reads of Lambda's context. */
export type InvocationContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** An answer and what the log says of it. */
export interface Outcome {
  readonly answer: HttpAnswer;
  readonly outcome: string;
  readonly acknowledged?: number;
  readonly archived?: number;
  readonly housekeeping?: string;
  /** There, and true, when a write of the call may still arrive. */
  readonly unsettled?: true;
}

/** Does what a route asks for, in the time that the caller and the function have left. */
export async function perform(
  { bank, abortAfter }: { readonly bank: Bank; readonly abortAfter: (timeMs: number) => AbortSignal },
  route: Route,
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
): Promise<Outcome> {
  const timeMs = timeToWorkMs(event.headers[HEADERS.timeLeftMs], context.getRemainingTimeInMillis());
  if (timeMs <= 0) {
    return unavailable('no');
  }
  const signal = abortAfter(timeMs);
  switch (route.kind) {
    case 'no_such_route':
      return problemOutcome('no_such_route', DETAILS.no_such_route);
    case 'health':
      await bank.checkHealth(signal);
      return { answer: { status: 200, body: { status: 'ok' } }, outcome: 'answered' };
    case 'balance':
      return balance(bank, readAccount(route.account), signal);
    case 'recorded_reply':
      return recordedReply(bank, subjectIn(route), signal);
    case 'acknowledge':
      return acknowledge(bank, subjectIn(route), signal);
    case 'cancel':
      return cancel(bank, subjectIn(route), signal);
    case 'move':
      return move(bank, readCall(event, route.account, route.move), event, signal);
  }
}

function subjectIn({ account, key }: { account: string; key: string }): Subject {
  return { account: readAccount(account), key: readKey(key) };
}

async function move(
  bank: Bank,
  call: Call,
  event: APIGatewayProxyEventV2,
  signal: AbortSignal,
): Promise<Outcome> {
  const keys = readAcknowledged(event, call.key);
  const { answer, ...beside } = await bank.move(call, keys, signal);
  const said = { ...(keys.length > 0 ? { acknowledged: keys.length } : {}), ...sayBeside(beside) };
  return answer.kind === 'turned_away'
    ? { ...problemOutcome(answer.code, DETAILS[answer.code]), ...said }
    : {
        answer: answerOf(call.account, call.key, answer.recorded),
        // A call that finds its key cancelled repeats no answer: no call with the key had one before.
        outcome: answer.replayed && answer.recorded.kind === 'call' ? 'replayed' : outcomeOf(answer.recorded),
        ...said,
      };
}

async function cancel(bank: Bank, subject: Subject, signal: AbortSignal): Promise<Outcome> {
  const { answer, ...beside } = await bank.cancel(subject, signal);
  const said = sayBeside(beside);
  return answer.kind === 'turned_away'
    ? { ...problemOutcome(answer.code, DETAILS[answer.code]), ...said }
    : {
        answer: cancellationAnswer(subject.account, subject.key, answer.recorded),
        outcome: answer.replayed ? 'replayed' : 'cancelled',
        ...said,
      };
}

/** What the log says of the work beside a call, where there was any, and of writes that may still arrive. */
function sayBeside({
  archived,
  failure,
  mayStillBeWritten,
}: Omit<BankOutcome, 'answer'>): Pick<Outcome, 'archived' | 'housekeeping' | 'unsettled'> {
  return {
    ...(mayStillBeWritten ? { unsettled: true } : {}),
    ...(archived > 0 ? { archived } : {}),
    ...(failure === undefined ? {} : { housekeeping: `failed: ${failure.message}` }),
  };
}

async function acknowledge(bank: Bank, { account, key }: Subject, signal: AbortSignal): Promise<Outcome> {
  await bank.acknowledge(account, [key], signal);
  return { answer: { status: 204, body: undefined }, outcome: 'acknowledged', acknowledged: 1 };
}

async function balance(bank: Bank, account: string, signal: AbortSignal): Promise<Outcome> {
  const balanceMinor = await bank.balance(account, signal);
  return balanceMinor === undefined
    ? problemOutcome('no_such_account', DETAILS.no_such_account)
    : { answer: { status: 200, body: { account, balance: String(balanceMinor) } }, outcome: 'answered' };
}

async function recordedReply(bank: Bank, subject: Subject, signal: AbortSignal): Promise<Outcome> {
  const { account, key } = subject;
  const known = await bank.outcome(subject, signal);
  switch (known.kind) {
    case 'recorded':
      return {
        answer: { status: 200, body: { key, ...answerOf(account, key, known.recorded) } },
        outcome: 'answered',
      };
    case 'none':
      return problemOutcome('no_reply', DETAILS.no_reply);
    case 'forgotten':
      return problemOutcome('key_expired', DETAILS.key_expired);
  }
}

function outcomeOf(recorded: Recorded): string {
  if (recorded.kind === 'cancelled') {
    return 'cancelled';
  }
  return recorded.reply.kind === 'executed' ? 'executed' : recorded.reply.code;
}

/** A problem that is told and logged by its code. */
export function problemOutcome(code: ProblemCode, detail: string): Outcome {
  return { answer: problem(code, detail), outcome: code };
}

/** A 503 that says whether the call can have been executed. */
export function unavailable(executed: 'no' | 'unknown'): Outcome {
  const members = executed === 'no' ? { executed: false as const } : {};
  return { answer: problem('unavailable', UNAVAILABLE_DETAILS[executed], members), outcome: 'unavailable' };
}
