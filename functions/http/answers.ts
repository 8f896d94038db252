import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { badRequest, type ProblemCaseName, problemOf } from '../../client/contract/problem-reference.ts';
import { HEADERS, PROBLEM_MEDIA_TYPE, PROBLEMS, type Problem } from '../../client/contract/schemas.ts';
import type { Line } from '../bank/book.ts';
import type { EntryBody } from '../bank/entry.ts';

/** An answer before it becomes HTTP. The same book gives the same bytes in every Region. */
export interface HttpAnswer {
  readonly status: number;
  /** Undefined for a 204, which has none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** The answer to a call, made from its line in the book alone, so that every retry is given the same bytes. */
export function answerOf(account: string, { entry, sequence, balanceMinor }: Line): HttpAnswer {
  const { key, atMs, body } = entry;
  switch (body.kind) {
    case 'executed':
      return {
        status: 200,
        body: { account, key, balance: String(balanceMinor), sequence, at: timeOf(atMs) },
      };
    case 'refused':
      return problemAnswer(body.code, body.asked.amountMinor);
    case 'cancelled':
      return problemAnswer('cancelled');
    case 'unread':
      throw new Error(`this version of the function cannot read entry ${sequence} of ${account}`);
  }
}

/** The answer to a cancellation: it holds now, or this is what the key's call had been answered before. */
export function cancellationAnswer(account: string, line: Line): HttpAnswer {
  const { key, body } = line.entry;
  return {
    status: 200,
    body:
      body.kind === 'cancelled'
        ? { key, outcome: 'cancelled' }
        : { key, outcome: 'executed', reply: answerOf(account, line) },
  };
}

/** An entry as a statement shows it. */
export function entryOf({ entry, sequence, balanceMinor }: Line): Readonly<Record<string, unknown>> {
  const { key, changeMinor, atMs, body } = entry;
  return {
    sequence,
    key,
    ...describe(body),
    change: String(changeMinor),
    balance: String(balanceMinor),
    at: timeOf(atMs),
    ...('asked' in body && body.asked.reference !== undefined ? { reference: body.asked.reference } : {}),
  };
}

function describe(body: EntryBody): Readonly<Record<string, unknown>> {
  switch (body.kind) {
    case 'executed':
      return { type: ENTRY_TYPES[body.asked.operation], amount: String(body.asked.amountMinor) };
    case 'refused':
      return { type: 'refused', code: body.code, amount: String(body.asked.amountMinor) };
    case 'cancelled':
      return { type: 'cancelled' };
    case 'unread':
      return { type: 'other' };
  }
}

const ENTRY_TYPES = { deposit: 'deposit', withdraw: 'withdrawal' } as const;

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** A problem, as an answer. */
export function problemAnswer(name: ProblemCaseName, amountMinor?: bigint): HttpAnswer {
  return answerWith(problemOf(name, amountMinor));
}

/** The answer to a request that is not valid. */
export function badRequestAnswer(message: string): HttpAnswer {
  return answerWith(badRequest(message));
}

function answerWith(problem: Problem): HttpAnswer {
  return { status: problem.status, body: problem };
}

/**
 * Puts an answer into the form that API Gateway takes. What differs between retries is in headers, so that their
 * bodies do not.
 */
export function toResult(
  answer: HttpAnswer,
  region: string,
  replayed: boolean,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: answer.status,
    headers: {
      ...(answer.body === undefined ? {} : { 'content-type': mediaType(answer.status) }),
      // A shared cache that kept an answer would hand one caller's balance, or an old one, to the next.
      'cache-control': 'no-store',
      [HEADERS.region]: region,
      ...(replayed ? { [HEADERS.replayed]: 'true' } : {}),
      ...(answer.status === PROBLEMS.unavailable.status ? { 'retry-after': '1' } : {}),
    },
    ...(answer.body === undefined ? {} : { body: JSON.stringify(answer.body) }),
  };
}

function mediaType(status: number): string {
  return status === 200 ? 'application/json' : PROBLEM_MEDIA_TYPE;
}
