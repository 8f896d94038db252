import type { KeyOutcome, OutcomeSoFar, RefusedOutcome } from './answers.ts';
import type { AttemptRefusal, BankRequest } from './attempt.ts';
import { HEADERS, OPERATIONS, type Operation, type PathNames, pathOf } from './contract/operations.ts';
import { isFinalRefusal, isProblemCode, PROBLEMS } from './contract/problems.ts';
import { type MoveCall, readExecuted } from './moves.ts';
import {
  type BatchReply,
  isReplayed,
  type RecordedReply,
  readBatchAnswers,
  readCancellation,
  readPending,
  readProblem,
  readRecordedReply,
} from './read-answer.ts';

/** A key on an account. */
export interface Subject {
  readonly account: string;
  readonly key: string;
}

/** An outcome, without the Region that answered. */
type WithoutRegion<Outcome> = Outcome extends unknown ? Omit<Outcome, 'region'> : never;
type Final = WithoutRegion<KeyOutcome>;
type SoFar = WithoutRegion<OutcomeSoFar>;

/** A call with its key. `mayRetry` is true if the caller knows the key, and so may retry the call later. */
export interface KeyedCall<T> {
  readonly move: MoveCall<T>;
  readonly key: string;
  readonly mayRetry: boolean;
}

/** A call with its key, sent alone. */
export function moveRequest<T extends Subject>({
  move: { operation, names, body, read: readMove },
  key,
  mayRetry,
}: KeyedCall<T>): BankRequest<T & { replayed: boolean }> {
  return {
    method: OPERATIONS[operation].method,
    path: pathOf(operation, names),
    headers: {
      'content-type': 'application/json',
      [HEADERS.idempotencyKey]: key,
      ...(mayRetry ? {} : { [HEADERS.replyCache]: 'no' }),
    },
    // JSON leaves out what is undefined.
    body: JSON.stringify(body),
    parse: (answer, headers) => ({
      ...answerTo(readMove(answer), { ...names, key }),
      replayed: isReplayed(headers),
    }),
  };
}

/** The answer to a call of a batch. */
export type BatchAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /** A refusal that is final. */
  | Pick<AttemptRefusal, 'kind' | 'status' | 'code' | 'detail' | 'replayed'>
  /** The bank did not answer the call, or its refusal may hold for one Region only. */
  | { readonly kind: 'open'; readonly executed: 'no' | 'unknown' };

/** Deposits and withdrawals of one account. Their keys differ. */
export function batchRequest<T extends Subject>(
  account: string,
  calls: readonly KeyedCall<T>[],
): BankRequest<readonly BatchAnswer<T & { replayed: boolean }>[]> {
  return {
    method: OPERATIONS.batch.method,
    path: pathOf('batch', { account }),
    headers: {
      'content-type': 'application/json',
      ...(calls.some(({ mayRetry }) => mayRetry) ? {} : { [HEADERS.replyCache]: 'no' }),
    },
    body: JSON.stringify({
      calls: calls.map(({ move: { operation, body }, key }) => ({ operation, key, ...body })),
    }),
    parse: (answer) => {
      const { answers, ...batch } = readBatchAnswers(answer);
      answerTo(batch, { account });
      return calls.map(({ move, key }, index) => batchAnswerOf(move, key, answers[index]));
    },
  };
}

function batchAnswerOf<T extends Subject>(
  { names, read }: MoveCall<T>,
  key: string,
  found: BatchReply | undefined,
): BatchAnswer<T & { replayed: boolean }> {
  if (found?.key !== key) {
    throw new Error(`asked about ${key}, answered about ${found?.key}`);
  }
  const { status, body, replayed = false } = found;
  if (status === 200) {
    return { kind: 'answered', value: { ...answerTo(read(body), { ...names, key }), replayed } };
  }
  const { code, detail, executed } = readProblem(body);
  if (!isProblemCode(code) || PROBLEMS[code].status !== status) {
    throw new Error(`${code} with status ${status} is not an answer of the bank`);
  }
  if (code === 'unavailable' || code === 'no_reply' || !isFinalRefusal(code)) {
    return { kind: 'open', executed: code === 'unavailable' && executed !== false ? 'unknown' : 'no' };
  }
  return { kind: 'refused', status, code, detail, replayed };
}

/** Asks whether a strongly consistent read works. The answer also has the bank's time. */
export function healthRequest(): BankRequest<undefined> {
  return { ...bodiless('health', {}), parse: () => undefined };
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A read. Its answer contains the names of the request. */
export function readRequest<Answer extends object>(
  operation: Operation,
  names: PathNames,
  query: Query,
  parse: (body: unknown) => Answer,
): BankRequest<Answer> {
  return { ...bodiless(operation, names, query), parse: (body) => answerTo(parse(body), names) };
}

function queryOf(values: Query): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

export function acknowledgeRequest({ account, key }: Subject): BankRequest<undefined> {
  return { ...bodiless('acknowledge', { account, key }), parse: () => undefined };
}

export function cancelRequest(subject: Subject): BankRequest<Final> {
  return {
    ...bodiless('cancel', subject),
    parse: (body) => {
      const { key, reply } = readCancellation(body);
      answerTo({ key, account: subject.account }, subject);
      return reply === undefined ? { outcome: 'cancelled', ...subject } : outcomeOf(subject, reply);
    },
  };
}

export function outcomeRequest(subject: Subject): BankRequest<SoFar> {
  return {
    ...bodiless('outcome', subject),
    parse: (body) => {
      const { refunded, ...reply } = readRecordedReply(body);
      answerTo({ key: reply.key, account: subject.account }, subject);
      const outcome = outcomeOf(subject, reply);
      return refunded === undefined || outcome.outcome !== 'executed' ? outcome : { ...outcome, refunded };
    },
    parsePending: (body) => {
      answerTo({ ...readPending(body), account: subject.account }, subject);
      return { outcome: 'pending', ...subject };
    },
    noReply: { outcome: 'none', ...subject },
  };
}

function bodiless(operation: Operation, names: PathNames, query: Query = {}) {
  return {
    method: OPERATIONS[operation].method,
    path: pathOf(operation, names) + queryOf(query),
    headers: {},
    body: undefined,
  };
}

/** Reads a recorded reply. */
function outcomeOf(subject: Subject, { status, body }: RecordedReply): Final {
  if (status === 200) {
    return { outcome: 'executed', ...answerTo(readExecuted(body), subject) };
  }
  const { code, detail } = readProblem(body);
  return code === 'cancelled'
    ? { outcome: 'cancelled', ...subject }
    : { outcome: 'refused', ...subject, code: code as RefusedOutcome['code'], detail };
}

/** Throws if this is the answer to another request, because a connection mixed them up. The client then tries again. */
function answerTo<T extends object>(answer: T, names: PathNames): T {
  const answered: PathNames = answer;
  if (Object.entries(names).some(([name, value]) => answered[name as keyof PathNames] !== value)) {
    const found = JSON.stringify(answered.account);
    throw new Error(`asked about ${JSON.stringify(names)}, answered about ${found}`);
  }
  return answer;
}
