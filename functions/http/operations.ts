import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import {
  PROBLEM_CASES,
  type ProblemCaseName,
  TIME_IN_FUTURE,
} from '../../client/contract/problem-reference.ts';
import { HEADERS, isMove, type Move, type Operation } from '../../client/contract/schemas.ts';
import type { RemainingWork } from '../bank/attempt.ts';
import type { Bank } from '../bank/bank.ts';
import type { BatchAnswer } from '../bank/batch.ts';
import type { Line, Money } from '../bank/book.ts';
import type { Intent } from '../bank/decide.ts';
import type { Status } from '../bank/entry.ts';
import type { KeyAnswer } from '../bank/execute.ts';
import { StoreUnavailableError } from '../bank/unavailable.ts';
import { answerOf, type BankAnswer, cancellationAnswer, problemAnswer, timeOf } from './answers.ts';
import { timeToWorkMs } from './deadline.ts';
import {
  BadRequestError,
  readAccount,
  readAccountsQuery,
  readBatch,
  readCall,
  readEntriesQuery,
  readKey,
  readTime,
} from './request.ts';
import type { Route } from './routes.ts';
import { entryOf, hasEffect } from './statement-entry.ts';

/** The part of Lambda's context that the handler reads. */
export type InvocationContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** An answer, and what the log says about it. */
export interface Handled {
  readonly answer: BankAnswer;
  readonly outcome: string;
  /** Present, and true, if the reply was recorded before. */
  readonly replayed?: true;
  /** The calls of a batch: the log has a line for each of them. */
  readonly calls?: readonly HandledCall[];
  /** Work that remains after the answer. */
  readonly remaining?: RemainingWork;
}

/** What the log says about a call of a batch. `error` is why it was not answered. */
export interface HandledCall {
  readonly operation: Operation;
  readonly key: string;
  readonly outcome: string;
  readonly replayed?: true;
  readonly status: number;
  readonly error?: unknown;
}

/** What a handler of an operation gets. */
export interface Work {
  readonly bank: Bank;
  readonly route: Route;
  readonly event: APIGatewayProxyEventV2;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

/** What all requests share. */
export type WorkParts = Pick<Work, 'bank' | 'nowMs'> & {
  /** Returns a signal that is aborted after a time in milliseconds. */
  readonly abortAfter: (timeMs: number) => AbortSignal;
};

/** Performs the operation of a route in the time that the caller and the function have left. */
export async function perform(
  { bank, nowMs, abortAfter }: WorkParts,
  route: Route,
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
): Promise<Handled> {
  const timeMs = timeToWorkMs(event.headers[HEADERS.timeLeftMs], context.getRemainingTimeInMillis());
  const { operation } = route;
  if (timeMs <= 0) {
    return unavailable({ executed: isAboutKey(operation) ? 'unknown' : 'no', reason: undefined });
  }
  if (operation === 'no_such_route') {
    return problemOutcome(operation);
  }
  const work: Work = { bank, nowMs, route, event, signal: abortAfter(timeMs) };
  return isMove(operation)
    ? await execute(work, readCall(event, route, operation))
    : await HANDLERS[operation](work);
}

/** True for an operation whose 503 must not look as if the call of a key was not executed. */
export function isAboutKey(operation: Route['operation']): boolean {
  return operation === 'outcome' || operation === 'acknowledge';
}

/** The handlers of the operations that do not take the header `Idempotency-Key`. */
const HANDLERS: Readonly<Record<Exclude<Operation, Move>, (work: Work) => Promise<Handled>>> = {
  health,
  accounts,
  balance,
  entries,
  batch,
  holds,
  outcome,
  acknowledge,
  cancel: (work) => execute(work, { kind: 'cancel', ...subjectIn(work.route), mayRetry: true }),
};

function subjectIn({ account, key = '' }: Route) {
  return { account: readAccount(account), key: readKey(key) };
}

async function health({ bank, signal }: Work): Promise<Handled> {
  await bank.checkHealth(signal);
  return answered({ status: 'ok' });
}

async function acknowledge({ bank, route, signal }: Work): Promise<Handled> {
  await bank.acknowledge(subjectIn(route), signal);
  return { answer: { status: 204, body: undefined }, outcome: 'acknowledged' };
}

async function execute({ bank, signal }: Work, intent: Intent): Promise<Handled> {
  const { answer, remaining } = await bank.execute(intent, signal);
  return { ...handledOf(intent, answer), ...(remaining === undefined ? {} : { remaining }) };
}

async function batch({ bank, route, event, signal }: Work): Promise<Handled> {
  const { account, calls } = readBatch(event, route);
  const { answers, remaining } = await bank.executeBatch({ account, calls }, signal);
  const handled = answers.map(({ call, answer }) => ({
    operation: call.asked.operation,
    key: call.key,
    ...handledInBatch(call, answer),
  }));
  return {
    ...answered({
      account,
      answers: handled.map(({ key, answer, replayed }) => ({
        key,
        ...answer,
        ...(replayed && { replayed }),
      })),
    }),
    calls: handled.map(({ answer, ...call }) => ({ ...call, status: answer.status })),
    ...(remaining === undefined ? {} : { remaining }),
  };
}

function handledInBatch(call: Intent, answer: BatchAnswer): Handled & { readonly error?: unknown } {
  if (answer.kind === 'unavailable' || answer.kind === 'unreadable') {
    const error = answer.kind === 'unavailable' ? answer.error : unreadable();
    return { ...unavailable(error), error };
  }
  return handledOf(call, answer);
}

/** The answer to one call, or to the cancellation of a key. */
function handledOf(intent: Intent, answer: KeyAnswer): Handled {
  switch (answer.kind) {
    case 'rejected':
      // In all other cases `key_expired` is a recorded refusal. This is the cancellation of a key from before the bank was recovered.
      return problemOutcome(answer.code === 'key_expired' ? 'key_from_before_restore' : answer.code);
    case 'unreadable':
      throw unreadable();
    case 'recorded': {
      const { replayed } = answer;
      const { account } = intent;
      return {
        answer: intent.kind === 'cancel' ? cancellationAnswer(account, answer) : answerOf(account, answer),
        outcome: replayed ? 'replayed' : (answer.returned ?? outcomeOf(answer.line)),
        ...(replayed ? { replayed: true as const } : {}),
      };
    }
  }
}

async function balance({ bank, route, event, signal, nowMs }: Work): Promise<Handled> {
  const account = readAccount(route.account);
  const atMs = readTime(event);
  if (atMs !== undefined && atMs > nowMs()) {
    throw new BadRequestError(TIME_IN_FUTURE);
  }
  const found: (Money & { readonly status?: Status }) | undefined = await (atMs === undefined
    ? bank.balance(account, signal)
    : bank.balanceAt(account, atMs, signal));
  if (found === undefined) {
    return problemOutcome('no_account_to_read');
  }
  const { balanceMinor, heldMinor, status } = found;
  return answered({
    account,
    balance: String(balanceMinor),
    held: String(heldMinor),
    ...(status === undefined ? {} : frozenOf(status)),
  });
}

/** The sides of an account that are frozen. A side that is left out is open. */
function frozenOf({ debits, credits }: Status) {
  return { ...(debits === 'frozen' ? { debits } : {}), ...(credits === 'frozen' ? { credits } : {}) };
}

async function holds({ bank, route, signal }: Work): Promise<Handled> {
  const account = readAccount(route.account);
  const open = await bank.holds(account, signal);
  return open === undefined
    ? problemOutcome('no_account_to_read')
    : answered({
        account,
        holds: open.map(({ key, mark: { amountMinor, remainingMinor, expiresAtMs, reference } }) => ({
          hold: key,
          amount: String(amountMinor),
          remaining: String(remainingMinor),
          expiresAt: timeOf(expiresAtMs),
          ...(reference === undefined ? {} : { reference }),
        })),
      });
}

async function accounts({ bank, event, signal }: Work): Promise<Handled> {
  const { accounts, next } = await bank.accounts(readAccountsQuery(event), signal);
  const listed = accounts.map(({ account, balanceMinor }) => ({ account, balance: String(balanceMinor) }));
  return answered({ accounts: listed, ...(next === undefined ? {} : { next }) });
}

async function entries({ bank, route, event, signal }: Work): Promise<Handled> {
  const account = readAccount(route.account);
  const { refusals, ...range } = readEntriesQuery(event);
  const found = await bank.entries(account, range, signal);
  if (found === undefined) {
    return problemOutcome('no_account_to_read');
  }
  const shown = found.lines.filter(({ entry }) => refusals || hasEffect(entry));
  const next = found.next === undefined ? {} : { next: found.next };
  return answered({ account, entries: shown.map(entryOf), ...next });
}

async function outcome({ bank, route, signal }: Work): Promise<Handled> {
  const subject = subjectIn(route);
  const found = await bank.outcome(subject, signal);
  switch (found?.kind) {
    case undefined:
      return problemOutcome('no_reply');
    case 'unreadable':
      throw unreadable();
    case 'pending':
      return { answer: { status: 202, body: { key: subject.key, outcome: 'pending' } }, outcome: 'pending' };
    case 'recorded':
      return answered({
        key: subject.key,
        ...answerOf(subject.account, found),
        ...(found.refundedMinor === 0n ? {} : { refunded: String(found.refundedMinor) }),
      });
  }
}

/** During a rollout a function may read an entry of the next version. The next attempt may reach a function that knows its kind. */
function unreadable(): StoreUnavailableError {
  return new StoreUnavailableError('unknown', 'the key was answered by a newer version of the function');
}

function outcomeOf({ entry: { body } }: Line): string {
  return body.kind === 'refused' ? body.code : body.kind;
}

function answered(body: Readonly<Record<string, unknown>>): Handled {
  return { answer: { status: 200, body }, outcome: 'answered' };
}

/** The answer with a problem, logged by its code. */
function problemOutcome(name: ProblemCaseName): Handled {
  return { answer: problemAnswer(name), outcome: PROBLEM_CASES[name].code };
}

/** The answer 503, which says whether the call can have been executed. */
export function unavailable({
  executed,
  reason,
}: Pick<StoreUnavailableError, 'executed' | 'reason'>): Handled {
  return problemOutcome(reason ?? (executed === 'no' ? 'not_executed' : 'outcome_unknown'));
}
