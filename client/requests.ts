import type { Entry, Hold, KeyOutcome, OutcomeSoFar, RefusedOutcome } from './answers.ts';
import type { BankRequest } from './attempt.ts';
import { HEADERS, OPERATIONS, type Operation, type PathNames, pathOf } from './contract/operations.ts';
import type { MoveCall } from './moves.ts';
import {
  isReplayed,
  type RecordedReply,
  readAccounts,
  readBalance,
  readCancellation,
  readEntries,
  readExecuted,
  readHolds,
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

/** A call that moves money. `mayReturn` says that its caller keeps the key, and may come back with it. */
export function moveRequest<T extends Subject>(
  { operation, names, body, read }: MoveCall<T>,
  key: string,
  mayReturn: boolean,
): BankRequest<T & { replayed: boolean }> {
  return {
    method: OPERATIONS[operation].method,
    path: pathOf(operation, names),
    headers: {
      'content-type': 'application/json',
      [HEADERS.idempotencyKey]: key,
      ...(mayReturn ? {} : { [HEADERS.replyCache]: 'no' }),
    },
    // JSON leaves out what is undefined.
    body: JSON.stringify(body),
    parse: (answer, headers) => ({
      ...answerTo(read(answer), { ...names, key }),
      replayed: isReplayed(headers),
    }),
  };
}

export function balanceRequest(
  account: string,
  atMs: number | undefined,
): BankRequest<ReturnType<typeof readBalance>> {
  return {
    ...bodiless(
      'balance',
      { account },
      { at: atMs === undefined ? undefined : new Date(atMs).toISOString() },
    ),
    parse: (body) => answerTo(readBalance(body), { account }),
  };
}

/** One answer of a statement. */
export function entriesRequest(
  account: string,
  query: { readonly limit: number; readonly refusals: boolean } & (
    | { readonly before?: number | undefined }
    | { readonly after: number }
  ),
): BankRequest<{ account: string; items: readonly Entry[]; next: number | undefined }> {
  return {
    ...bodiless('entries', { account }, query),
    parse: (body) => answerTo(readEntries(body), { account }),
  };
}

export function holdsRequest(account: string): BankRequest<{ account: string; holds: readonly Hold[] }> {
  return {
    ...bodiless('holds', { account }),
    parse: (body) => answerTo(readHolds(body), { account }),
  };
}

/** One answer of the list of accounts. */
export function accountsRequest(query: {
  readonly limit: number;
  readonly after: string | undefined;
}): BankRequest<ReturnType<typeof readAccounts>> {
  return { ...bodiless('accounts', {}, query), parse: readAccounts };
}

/** Asks whether a strong read works, and what time it is there. */
export function healthRequest(): BankRequest<undefined> {
  return { ...bodiless('health', {}), parse: () => undefined };
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

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

/** An answer to somebody else's call is not an answer: better to ask again than to believe a mixed-up connection. */
function answerTo<T extends { account: string }>(answer: T, names: PathNames): T {
  const answered: PathNames = answer;
  if (Object.entries(names).some(([name, value]) => answered[name as keyof PathNames] !== value)) {
    throw new Error(`asked about ${JSON.stringify(names)}, answered about ${JSON.stringify(answer.account)}`);
  }
  return answer;
}
