import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import {
  PROBLEM_CASES,
  type ProblemCaseName,
  TIME_IN_FUTURE,
} from '../../client/contract/problem-reference.ts';
import { HEADERS, isMove, type Move, type Operation } from '../../client/contract/schemas.ts';
import type { RemainingWork } from '../bank/attempt.ts';
import type { Bank } from '../bank/bank.ts';
import type { Line, Money } from '../bank/book.ts';
import type { Intent } from '../bank/decide.ts';
import type { Status } from '../bank/entry.ts';
import { StoreUnavailableError } from '../bank/store.ts';
import { answerOf, cancellationAnswer, type HttpAnswer, problemAnswer, timeOf } from './answers.ts';
import { timeToWorkMs } from './deadline.ts';
import {
  BadRequestError,
  readAccount,
  readAccountsQuery,
  readCall,
  readEntriesQuery,
  readKey,
  readMoment,
} from './request.ts';
import type { Route } from './routes.ts';
import { entryOf, hasEffect } from './statement-entry.ts';

/** What the handler reads of Lambda's context. */
export type InvocationContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** An answer and what the log says of it. */
export interface Handled {
  readonly answer: HttpAnswer;
  readonly outcome: string;
  /** There, and true, when the reply was recorded before. */
  readonly replayed?: true;
  /** Work that the answer does not depend on: a page that is turned. */
  readonly remaining?: RemainingWork;
}

/** What a request is worked on with. */
export interface Work {
  readonly bank: Bank;
  readonly route: Route;
  readonly event: APIGatewayProxyEventV2;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

/** What every request is worked on with. */
export type WorkParts = Pick<Work, 'bank' | 'nowMs'> & {
  /** Makes a signal that is aborted after a time in milliseconds. */
  readonly abortAfter: (timeMs: number) => AbortSignal;
};

/** Does what a route asks for, in the time that the caller and the function have left. */
export async function perform(
  { bank, nowMs, abortAfter }: WorkParts,
  route: Route,
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
): Promise<Handled> {
  const timeMs = timeToWorkMs(event.headers[HEADERS.timeLeftMs], context.getRemainingTimeInMillis());
  if (timeMs <= 0) {
    return unavailable({ executed: 'no', reason: undefined });
  }
  const { operation } = route;
  if (operation === 'no_such_route') {
    return problemOutcome(operation);
  }
  const work: Work = { bank, nowMs, route, event, signal: abortAfter(timeMs) };
  return isMove(operation)
    ? await execute(work, readCall(event, route, operation))
    : await HANDLERS[operation](work);
}

/** What answers each operation that moves no money. */
const HANDLERS: Readonly<Record<Exclude<Operation, Move>, (work: Work) => Promise<Handled>>> = {
  health,
  accounts,
  balance,
  entries,
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
  const beside = remaining === undefined ? {} : { remaining };
  switch (answer.kind) {
    case 'rejected':
      // A key that is too old for a first use is a recorded refusal, unless the bank that recorded it was lost.
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
        ...beside,
      };
    }
  }
}

async function balance({ bank, route, event, signal, nowMs }: Work): Promise<Handled> {
  const account = readAccount(route.account);
  const atMs = readMoment(event);
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

/** The sides of an account that are frozen. What is left out is open. */
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
  const { refusals, ...stretch } = readEntriesQuery(event);
  const found = await bank.entries(account, stretch, signal);
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

/** During a rollout a function may meet an entry of the next version. The next attempt may meet a function that knows it. */
function unreadable(): StoreUnavailableError {
  return new StoreUnavailableError('unknown', 'the key was answered by a newer version of the function');
}

function outcomeOf({ entry: { body } }: Line): string {
  return body.kind === 'refused' ? body.code : body.kind;
}

function answered(body: Readonly<Record<string, unknown>>): Handled {
  return { answer: { status: 200, body }, outcome: 'answered' };
}

/** A problem, logged by its code. */
function problemOutcome(name: ProblemCaseName): Handled {
  return { answer: problemAnswer(name), outcome: PROBLEM_CASES[name].code };
}

/** A 503 that says whether the call can have been executed. */
export function unavailable({
  executed,
  reason,
}: Pick<StoreUnavailableError, 'executed' | 'reason'>): Handled {
  return problemOutcome(reason ?? (executed === 'no' ? 'not_executed' : 'outcome_unknown'));
}
