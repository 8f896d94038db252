import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type Problem, type ProblemCode } from '../../client/contract.ts';
import type { RecordedCall } from '../core/account.ts';

/** An answer before it becomes HTTP: a status and a body. The same account state gives the same bytes in every Region. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The answer to a call, made from its record alone, so that every retry is given the same bytes. */
export function answerOf(account: string, key: string, recorded: RecordedCall): HttpAnswer {
  switch (recorded.reply.kind) {
    case 'executed':
      return { status: 200, body: { account, key, balance: String(recorded.reply.balanceMinor) } };
    case 'refused':
      return problem(recorded.reply.code, refusalDetail(recorded, recorded.reply.code));
  }
}

/** An RFC 9457 problem. */
export function problem(
  code: ProblemCode,
  detail: string,
  members: Pick<Problem, 'executed'> = {},
): HttpAnswer {
  const { status, title } = PROBLEMS[code];
  return { status, body: { type: `urn:twinbank:problem:${code}`, title, status, detail, code, ...members } };
}

/** Puts an answer into the form that API Gateway takes. `region` is a header, so that bodies do not differ by Region. */
export function toResult(answer: HttpAnswer, region: string): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: answer.status,
    headers: {
      'content-type': answer.status === 200 ? 'application/json' : PROBLEM_MEDIA_TYPE,
      // A shared cache that kept an answer would hand one caller's balance, or an old one, to the next.
      'cache-control': 'no-store',
      'bank-region': region,
      ...(answer.status === PROBLEMS.unavailable.status ? { 'retry-after': '1' } : {}),
    },
    body: JSON.stringify(answer.body),
  };
}

function refusalDetail({ amountMinor }: RecordedCall, code: keyof typeof REFUSAL_DETAILS): string {
  return REFUSAL_DETAILS[code](amountMinor);
}

const REFUSAL_DETAILS = {
  no_such_account: (amountMinor: bigint) =>
    `Nobody has deposited to this account yet, so ${amountMinor} cannot be withdrawn. Nothing was taken. This is recorded: to try again, use a new key.`,
  not_enough_money: (amountMinor: bigint) =>
    `The account held less than ${amountMinor}. Nothing was taken. This is recorded: to try again, use a new key.`,
  balance_too_large: (amountMinor: bigint) =>
    `With ${amountMinor} more the balance would have more than 15 digits. Nothing was deposited. This is recorded: to try again, use a new key.`,
};

/** Details of the answers that are not recorded. */
export const DETAILS = {
  no_such_account: 'Nobody has deposited to this account yet.',
  no_such_route:
    'The bank has no such path or method. Nothing has happened. See the HTTP contract for the paths it has.',
  no_reply:
    'No reply is recorded under this key in this Region. A call with this key that is still on its way may yet be executed: retry the call with the same key to settle it.',
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
