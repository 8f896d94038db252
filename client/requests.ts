import * as v from 'valibot';
import type { BankRequest } from './attempt.ts';
import {
  balanceBodySchema,
  cancellationSchema,
  HEADERS,
  type Move,
  movedSchema,
  paths,
  problemSchema,
  recordedReplySchema,
} from './contract.ts';
import type { RefusalCode } from './failure.ts';

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

/** A deposit or withdrawal, which gives replies back on its way. */
export function moveRequest(
  move: Move,
  { account, key }: Subject,
  amountMinor: bigint,
  acknowledge: readonly string[],
): BankRequest<Subject & { balance: bigint }> {
  return {
    method: 'POST',
    path: paths.move(account, move),
    headers: {
      'content-type': 'application/json',
      [HEADERS.idempotencyKey]: key,
      ...(acknowledge.length === 0 ? {} : { [HEADERS.acknowledge]: acknowledge.join(', ') }),
    },
    body: JSON.stringify({ amount: String(amountMinor) }),
    parse: (body) => answerTo(v.parse(movedSchema, body), { account, key }),
  };
}

export function balanceRequest(account: string): BankRequest<{ account: string; balance: bigint }> {
  return {
    ...bodiless('GET', paths.account(account)),
    parse: (body) => answerTo(v.parse(balanceBodySchema, body), { account }),
  };
}

export function acknowledgeRequest({ account, key }: Subject): BankRequest<undefined> {
  return { ...bodiless('DELETE', paths.reply(account, key)), parse: () => undefined };
}

export function cancelRequest(subject: Subject): BankRequest<Told> {
  return {
    ...bodiless('PUT', paths.cancellation(subject.account, subject.key)),
    parse: (body) => {
      const cancellation = v.parse(cancellationSchema, body);
      answerTo({ ...cancellation, account: subject.account }, subject);
      return cancellation.outcome === 'cancelled'
        ? { outcome: 'cancelled', ...subject }
        : told(subject, cancellation.reply);
    },
  };
}

export function outcomeRequest(subject: Subject): BankRequest<Told> {
  return {
    ...bodiless('GET', paths.reply(subject.account, subject.key)),
    parse: (body) => {
      const reply = v.parse(recordedReplySchema, body);
      answerTo({ key: reply.key, account: subject.account }, subject);
      return told(subject, reply);
    },
  };
}

function bodiless<Method extends 'GET' | 'PUT' | 'DELETE'>(method: Method, path: string) {
  return { method, path, headers: {}, body: undefined };
}

/** Reads a recorded reply. */
function told(subject: Subject, { status, body }: { status: number; body: unknown }): Told {
  if (status === 200) {
    const { balance } = answerTo(v.parse(movedSchema, body), subject);
    return { outcome: 'executed', ...subject, balance };
  }
  const { code, detail } = v.parse(problemSchema, body);
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
