import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import {
  HEADERS,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PAGE,
  PROBLEMS,
  type Problem,
  type ProblemCode,
} from '../../client/contract.ts';
import type { Recorded, RecordedRefusal } from '../core/account.ts';

/** An answer before it becomes HTTP. The same account state gives the same bytes in every Region. */
export interface HttpAnswer {
  readonly status: number;
  /** Undefined for a 204, which has none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** The answer to a call, made from its record alone, so that every retry is given the same bytes. */
export function answerOf(account: string, key: string, recorded: Recorded): HttpAnswer {
  if (recorded.kind === 'cancelled') {
    return problem('cancelled', DETAILS.cancelled);
  }
  const { reply, amountMinor } = recorded;
  return reply.kind === 'executed'
    ? { status: 200, body: { account, key, balance: String(reply.balanceMinor) } }
    : problem(reply.code, REFUSAL_DETAILS[reply.code](amountMinor));
}

/** The answer to a cancellation: it holds now, or this is what the key's call had been answered before. */
export function cancellationAnswer(account: string, key: string, recorded: Recorded): HttpAnswer {
  return {
    status: 200,
    body:
      recorded.kind === 'cancelled'
        ? { key, outcome: 'cancelled' }
        : { key, outcome: 'executed', reply: answerOf(account, key, recorded) },
  };
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
  { unsettled, replayed }: { readonly unsettled: boolean; readonly replayed: boolean },
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: answer.status,
    headers: {
      ...(answer.body === undefined ? {} : { 'content-type': mediaType(answer.status) }),
      // A shared cache that kept an answer would hand one caller's balance, or an old one, to the next.
      'cache-control': 'no-store',
      [HEADERS.region]: region,
      ...(unsettled ? { [HEADERS.unsettled]: 'true' } : {}),
      ...(replayed ? { [HEADERS.replayed]: 'true' } : {}),
      ...(answer.status === PROBLEMS.unavailable.status ? { 'retry-after': '1' } : {}),
    },
    ...(answer.body === undefined ? {} : { body: JSON.stringify(answer.body) }),
  };
}

function mediaType(status: number): string {
  return status === 200 ? 'application/json' : PROBLEM_MEDIA_TYPE;
}

const REFUSAL_DETAILS: Record<RecordedRefusal, (amountMinor: bigint) => string> = {
  no_such_account: (amountMinor) =>
    `Nobody has deposited to this account yet, so ${amountMinor} cannot be withdrawn. Nothing was taken. This is recorded: to try again, use a new key.`,
  not_enough_money: (amountMinor) =>
    `The account held less than ${amountMinor}. Nothing was taken. This is recorded: to try again, use a new key.`,
  balance_too_large: (amountMinor) =>
    `With ${amountMinor} more the balance would have more than 15 digits. Nothing was deposited. This is recorded: to try again, use a new key.`,
};

/** Details of the answers that are not recorded. */
export const DETAILS = {
  no_such_account: 'Nobody has deposited to this account yet.',
  no_such_route:
    'The bank has no such path or method. Nothing has happened. See the HTTP contract for the paths it has.',
  no_reply:
    'Nothing is recorded under this key: no call with it has been executed so far, unless its reply was given back. One that is still on its way may yet be: retry the call with the same key, or cancel the key, to settle it.',
  cancelled:
    'The key was cancelled before any call with it was executed. Nothing has happened and nothing will. To move the money after all, use a new key.',
  key_in_future:
    'The key was minted more than 5 minutes ahead of the clock of the bank, so it was not executed by this attempt. Set your clock by the Date of this answer, then mint a new key.',
  key_reused:
    'This key has been used for a different call on this account. Nothing has happened. Mint one key for each call.',
  key_expired:
    'The key is older than the replies that the bank remembers, and no reply to it was found. It was not executed now and never will be; whether it was executed in the past, the account holder’s books must tell.',
  too_many_unacknowledged:
    'The account remembers as many replies as it can. Nothing has happened. Retry later with the same key.',
} as const;

/** Details of a 503, by what the bank can say about the money. */
export const UNAVAILABLE_DETAILS = {
  no: 'The table could not be reached or turned the request away, or no time was left to ask it. Nothing has happened. Retry with the same key, here or in the other Region.',
  unknown:
    'The table did not answer as it should, so the bank cannot tell whether the call was executed. Retry with the same key, here or in the other Region: it takes effect at most once.',
} as const;
