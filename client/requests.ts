import type { Moved } from './answers.ts';
import type { BankRequest } from './attempt.ts';
import { HEADERS, type Move, OPERATIONS, type Operation, pathOf } from './contract/operations.ts';
import type { RefusalCode } from './failure.ts';
import {
  type Entry,
  isReplayed,
  type Receipt,
  type RecordedReply,
  readAccounts,
  readBalance,
  readCancellation,
  readEntries,
  readMoved,
  readProblem,
  readRecordedReply,
} from './read-answer.ts';

/** A key on an account. */
export interface Subject {
  readonly account: string;
  readonly key: string;
}

/** What a key's call was answered, without the Region that told it. */
export type Told =
  | ({ readonly outcome: 'executed'; readonly account: string; readonly key: string } & Receipt)
  | {
      readonly outcome: 'refused';
      readonly account: string;
      readonly key: string;
      readonly code: RefusalCode;
      readonly detail: string;
    }
  | { readonly outcome: 'cancelled'; readonly account: string; readonly key: string };

/** What a call that moves money asks for. */
export interface Asked {
  readonly amountMinor: bigint;
  readonly reference: string | undefined;
  readonly mustExist: boolean;
}

/** A deposit or withdrawal. `mayReturn` says that its caller keeps the key, and may come back with it. */
export function moveRequest(
  move: Move,
  { account, key }: Subject,
  { amountMinor, reference, mustExist }: Asked,
  mayReturn: boolean,
): BankRequest<Omit<Moved, 'region'>> {
  return {
    method: OPERATIONS[move].method,
    path: pathOf(move, { account }),
    headers: {
      'content-type': 'application/json',
      [HEADERS.idempotencyKey]: key,
      ...(mayReturn ? {} : { [HEADERS.replyCache]: 'no' }),
    },
    // JSON leaves out what is undefined.
    body: JSON.stringify({ amount: String(amountMinor), reference, mustExist: mustExist || undefined }),
    parse: (body, headers) => ({
      ...answerTo(readMoved(body), { account, key }),
      replayed: isReplayed(headers),
    }),
  };
}

export function balanceRequest(
  account: string,
  atMs: number | undefined,
): BankRequest<{ account: string; balance: bigint }> {
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

export function cancelRequest(subject: Subject): BankRequest<Told> {
  return {
    ...bodiless('cancel', subject),
    parse: (body) => {
      const { key, reply } = readCancellation(body);
      answerTo({ key, account: subject.account }, subject);
      return reply === undefined ? { outcome: 'cancelled', ...subject } : told(subject, reply);
    },
  };
}

export function outcomeRequest(subject: Subject): BankRequest<Told> {
  return {
    ...bodiless('outcome', subject),
    parse: (body) => {
      const reply = readRecordedReply(body);
      answerTo({ key: reply.key, account: subject.account }, subject);
      return told(subject, reply);
    },
  };
}

function bodiless(operation: Operation, names: Partial<Subject>, query: Query = {}) {
  return {
    method: OPERATIONS[operation].method,
    path: pathOf(operation, names) + queryOf(query),
    headers: {},
    body: undefined,
  };
}

/** Reads a recorded reply. */
function told(subject: Subject, { status, body }: RecordedReply): Told {
  if (status === 200) {
    const { balance, sequence, at } = answerTo(readMoved(body), subject);
    return { outcome: 'executed', ...subject, balance, sequence, at };
  }
  const { code, detail } = readProblem(body);
  return code === 'cancelled'
    ? { outcome: 'cancelled', ...subject }
    : { outcome: 'refused', ...subject, code: code as RefusalCode, detail };
}

/** An answer to somebody else's call is not an answer: better to ask again than to believe a mixed-up connection. */
function answerTo<T extends { account: string; key?: string }>(
  answer: T,
  asked: { account: string; key?: string },
): T {
  if (answer.account !== asked.account || answer.key !== asked.key) {
    throw new Error(`asked about ${JSON.stringify(asked)}, answered about ${JSON.stringify(answer.account)}`);
  }
  return answer;
}
