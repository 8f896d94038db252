import type { Moved } from './answers.ts';
import type { BankRequest } from './attempt.ts';
import type { RefusalCode } from './failure.ts';
import {
  isReplayed,
  type RecordedReply,
  readBalance,
  readCancellation,
  readMoved,
  readProblem,
  readRecordedReply,
} from './read-answer.ts';
import { HEADERS, type Move, pathOf } from './wire.ts';

/** A key on an account. */
export interface Subject {
  readonly account: string;
  readonly key: string;
}

/** What a key's call was answered, without the Region that told it. */
export type Told =
  | { readonly outcome: 'executed'; readonly account: string; readonly key: string; readonly balance: bigint }
  | {
      readonly outcome: 'refused';
      readonly account: string;
      readonly key: string;
      readonly code: RefusalCode;
      readonly detail: string;
    }
  | { readonly outcome: 'cancelled'; readonly account: string; readonly key: string };

/** A deposit or withdrawal. */
export function moveRequest(
  move: Move,
  { account, key }: Subject,
  amountMinor: bigint,
  mayReturn: boolean,
): BankRequest<Omit<Moved, 'region'>> {
  return {
    method: 'POST',
    path: pathOf(move, { account }),
    headers: {
      'content-type': 'application/json',
      [HEADERS.idempotencyKey]: key,
      ...(mayReturn ? {} : { [HEADERS.replyCache]: 'no' }),
    },
    body: JSON.stringify({ amount: String(amountMinor) }),
    parse: (body, headers) => ({
      ...answerTo(readMoved(body), { account, key }),
      replayed: isReplayed(headers),
    }),
  };
}

export function balanceRequest(account: string): BankRequest<{ account: string; balance: bigint }> {
  return {
    ...bodiless('GET', pathOf('balance', { account })),
    parse: (body) => answerTo(readBalance(body), { account }),
  };
}

export function acknowledgeRequest({ account, key }: Subject): BankRequest<undefined> {
  return { ...bodiless('DELETE', pathOf('acknowledge', { account, key })), parse: () => undefined };
}

export function cancelRequest(subject: Subject): BankRequest<Told> {
  return {
    ...bodiless('PUT', pathOf('cancel', subject)),
    parse: (body) => {
      const { key, reply } = readCancellation(body);
      answerTo({ key, account: subject.account }, subject);
      return reply === undefined ? { outcome: 'cancelled', ...subject } : told(subject, reply);
    },
  };
}

export function outcomeRequest(subject: Subject): BankRequest<Told> {
  return {
    ...bodiless('GET', pathOf('outcome', subject)),
    parse: (body) => {
      const reply = readRecordedReply(body);
      answerTo({ key: reply.key, account: subject.account }, subject);
      return told(subject, reply);
    },
  };
}

function bodiless<Method extends 'GET' | 'PUT' | 'DELETE'>(method: Method, path: string) {
  return { method, path, headers: {}, body: undefined };
}

/** Reads a recorded reply. */
function told(subject: Subject, { status, body }: RecordedReply): Told {
  if (status === 200) {
    const { balance } = answerTo(readMoved(body), subject);
    return { outcome: 'executed', ...subject, balance };
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
