import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { HEADERS, type ProblemCode } from '../../client/contract/schemas.ts';
import type { Bank } from '../bank/bank.ts';
import type { Line } from '../bank/book.ts';
import type { Intent } from '../bank/decide.ts';
import type { Turning } from '../bank/execute.ts';
import { StoreUnavailableError } from '../bank/store.ts';
import {
  answerOf,
  cancellationAnswer,
  DETAILS,
  entryOf,
  type HttpAnswer,
  problem,
  UNAVAILABLE_DETAILS,
} from './answers.ts';
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

/** What the handler reads of Lambda's context. */
export type InvocationContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** An answer and what the log says of it. */
export interface Outcome {
  readonly answer: HttpAnswer;
  readonly outcome: string;
  /** There, and true, when the reply was recorded before. */
  readonly replayed?: true;
  /** Work that the answer does not depend on: a page that is turned. */
  readonly turning?: Turning;
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
): Promise<Outcome> {
  const timeMs = timeToWorkMs(event.headers[HEADERS.timeLeftMs], context.getRemainingTimeInMillis());
  if (timeMs <= 0) {
    return unavailable('no');
  }
  const work: Work = { bank, nowMs, route, event, signal: abortAfter(timeMs) };
  const { operation } = route;
  switch (operation) {
    case 'no_such_route':
      return problemOutcome('no_such_route', DETAILS.no_such_route);
    case 'health':
      await bank.checkHealth(work.signal);
      return { answer: { status: 200, body: { status: 'ok' } }, outcome: 'answered' };
    case 'balance':
      return balance(work);
    case 'accounts':
      return accounts(work);
    case 'entries':
      return entries(work);
    case 'outcome':
      return outcome(work);
    case 'acknowledge':
      await bank.acknowledge(subjectIn(route), work.signal);
      return { answer: { status: 204, body: undefined }, outcome: 'acknowledged' };
    case 'cancel':
      return execute(work, { kind: 'cancel', ...subjectIn(route), mayReturn: true });
    default:
      return execute(work, readCall(event, readAccount(route.account), operation));
  }
}

function subjectIn({ account, key = '' }: Route) {
  return { account: readAccount(account), key: readKey(key) };
}

async function execute({ bank, signal }: Work, intent: Intent): Promise<Outcome> {
  const { answer, turning } = await bank.execute(intent, signal);
  const beside = turning === undefined ? {} : { turning };
  switch (answer.kind) {
    case 'turned_away':
      return problemOutcome(answer.code, DETAILS[answer.code]);
    case 'unreadable':
      throw unreadable();
    case 'recorded': {
      const { line, replayed } = answer;
      const { account } = intent;
      return {
        answer: intent.kind === 'cancel' ? cancellationAnswer(account, line) : answerOf(account, line),
        outcome: replayed ? 'replayed' : outcomeOf(line),
        ...(replayed ? { replayed: true as const } : {}),
        ...beside,
      };
    }
  }
}

async function balance({ bank, route, event, signal, nowMs }: Work): Promise<Outcome> {
  const account = readAccount(route.account);
  const atMs = readMoment(event);
  if (atMs !== undefined && atMs > nowMs()) {
    throw new BadRequestError('A balance can be asked for now and in the past, and at is in the future');
  }
  const balanceMinor = await (atMs === undefined
    ? bank.balance(account, signal)
    : bank.balanceAt(account, atMs, signal));
  return balanceMinor === undefined
    ? problemOutcome('no_such_account', DETAILS.no_such_account)
    : { answer: { status: 200, body: { account, balance: String(balanceMinor) } }, outcome: 'answered' };
}

async function accounts({ bank, event, signal }: Work): Promise<Outcome> {
  const { accounts, next } = await bank.accounts(readAccountsQuery(event), signal);
  const listed = accounts.map(({ account, balanceMinor }) => ({ account, balance: String(balanceMinor) }));
  const body = { accounts: listed, ...(next === undefined ? {} : { next }) };
  return { answer: { status: 200, body }, outcome: 'answered' };
}

async function entries({ bank, route, event, signal }: Work): Promise<Outcome> {
  const account = readAccount(route.account);
  const { refusals, ...stretch } = readEntriesQuery(event);
  const found = await bank.entries(account, stretch, signal);
  if (found === undefined) return problemOutcome('no_such_account', DETAILS.no_such_account);
  const shown = found.lines.filter(
    ({ entry: { body } }) => refusals || body.kind === 'executed' || body.kind === 'unread',
  );
  const next = found.next === undefined ? {} : { next: found.next };
  return {
    answer: { status: 200, body: { account, entries: shown.map(entryOf), ...next } },
    outcome: 'answered',
  };
}

async function outcome({ bank, route, signal }: Work): Promise<Outcome> {
  const subject = subjectIn(route);
  const line = await bank.outcome(subject, signal);
  if (line?.entry.body.kind === 'unread') throw unreadable();
  return line === undefined
    ? problemOutcome('no_reply', DETAILS.no_reply)
    : {
        answer: { status: 200, body: { key: subject.key, ...answerOf(subject.account, line) } },
        outcome: 'answered',
      };
}

/** During a rollout a function may meet an entry of the next version. The next attempt may meet a function that knows it. */
function unreadable(): StoreUnavailableError {
  return new StoreUnavailableError('unknown', 'the key was answered by a newer version of the function');
}

function outcomeOf({ entry: { body } }: Line): string {
  return body.kind === 'refused' ? body.code : body.kind;
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
