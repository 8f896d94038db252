import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import {
  HEADERS,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PAGE,
  PROBLEMS,
  type Problem,
  type ProblemCode,
} from '../../client/contract/schemas.ts';
import type { Line } from '../bank/book.ts';
import type { EntryBody, RefusalCode } from '../bank/entry.ts';

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
      return problem(body.code, REFUSAL_DETAILS[body.code](body.asked.amountMinor));
    case 'cancelled':
      return problem('cancelled', DETAILS.cancelled);
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

/** An RFC 9457 problem. */
export function problem(
  code: ProblemCode,
  detail: string,
  members: Pick<Problem, 'executed'> = {},
): HttpAnswer {
  const { status, title } = PROBLEMS[code];
  return { status, body: { type: `${PROBLEM_PAGE}#${code}`, title, status, detail, code, ...members } };
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

const RECORDED = 'This is recorded: to try again, use a new key.';

const REFUSAL_DETAILS: Record<RefusalCode, (amountMinor: bigint) => string> = {
  no_such_account: (amountMinor) =>
    `Nobody has deposited to this account yet, so ${amountMinor} was not moved. ${RECORDED}`,
  not_enough_money: (amountMinor) =>
    `The account held less than ${amountMinor}. Nothing was taken. ${RECORDED}`,
  balance_too_large: (amountMinor) =>
    `With ${amountMinor} more the balance would have more than 15 digits. Nothing was deposited. ${RECORDED}`,
  key_expired: (amountMinor) =>
    `The key was first used more than 30 days after it was minted, or is from before the bank was restored, so ${amountMinor} was not moved. ${RECORDED}`,
};

/** Details of the answers that are not recorded, and of a key that was cancelled. */
export const DETAILS = {
  no_such_account: 'Nobody has deposited to this account yet.',
  no_such_route:
    'The bank has no such path or method. Nothing has happened. See the HTTP contract for the paths it has.',
  no_reply:
    'No call with this key was answered so far. One that is still on its way may yet be executed: retry the call with the same key to finish it, or cancel the key.',
  cancelled:
    'The key was cancelled before any call with it was executed. Nothing has happened and nothing will. To move the money after all, use a new key.',
  key_in_future:
    'The key was minted more than 5 minutes ahead of the clock of the bank, so it was not executed by this attempt. Set your clock by the Date of this answer, then mint a new key.',
  key_expired:
    'The key is from before the bank was restored. No call with it is executed any more, and what one did in the bank that was lost is not known here: your own books must tell.',
  key_reused:
    'This key has been used for a different call on this account. Nothing has happened. Mint one key for each call.',
} as const;

/** Details of a 503, by what the bank can say about the money. */
export const UNAVAILABLE_DETAILS = {
  no: 'The table could not be reached or turned the request away, or no time was left to ask it. Nothing has happened. Retry with the same key, here or in the other Region.',
  unknown:
    'The table did not answer as it should, so the bank cannot tell whether the call was executed. Retry with the same key, here or in the other Region: it takes effect at most once.',
} as const;
