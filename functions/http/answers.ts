import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { badRequest, type ProblemCaseName, problemOf } from '../../client/contract/problem-reference.ts';
import { HEADERS, PROBLEM_MEDIA_TYPE, PROBLEMS, type Problem } from '../../client/contract/schemas.ts';
import type { Line } from '../bank/book.ts';
import { type Asked, type RecordedRefusal, refundedMinor } from '../bank/entry.ts';
import type { Reply } from '../bank/execute.ts';

/** The status and body of an answer. From the same book, both Regions make the same bytes. */
export interface BankAnswer {
  readonly status: number;
  /** Undefined for a 204, which has no body. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** The answer to a call. It is made only from the book, so that every retry gets the same bytes. */
export function answerOf(account: string, { line, returned, end }: Reply): BankAnswer {
  const { body } = line.entry;
  switch (body.kind) {
    case 'executed': {
      const { asked, capturedMinor, terms } = body;
      if (returned === undefined) {
        return {
          status: 200,
          body:
            asked.operation === 'refund'
              ? refundedOf(account, line, asked.call, end)
              : executedOf(account, line, asked, capturedMinor),
        };
      }
      return problemAnswer(
        caseOf(returned, asked, true),
        capturedMinor ?? terms?.amountMinor ?? amountOf(asked),
      );
    }
    case 'refused': {
      const { asked, code } = body;
      return problemAnswer(caseOf(code, asked, false), amountOf(asked));
    }
    case 'cancelled':
      return problemAnswer('cancelled');
    default:
      throw new Error(
        `entry ${line.sequence} of ${account} is not the answer of a call, or of a kind that this version does not know`,
      );
  }
}

/** The amount to name in the text of a refusal. */
function amountOf(asked: Asked): bigint | string | undefined {
  if ('amountMinor' in asked && asked.amountMinor !== undefined) {
    return asked.amountMinor;
  }
  return asked.operation === 'refund' ? 'what was left of the call' : undefined;
}

function executedOf(
  account: string,
  line: Line,
  asked: Exclude<Asked, { operation: 'refund' }>,
  capturedMinor = 0n,
): Readonly<Record<string, unknown>> {
  const { entry, sequence, balanceMinor, heldMinor } = line;
  const { key, atMs, heldChangeMinor } = entry;
  const receipt = { account, key, balance: String(balanceMinor), sequence, at: timeOf(atMs) };
  const held = String(heldMinor);
  switch (asked.operation) {
    case 'transfer':
      return { ...receipt, to: asked.to };
    case 'hold':
      return { ...receipt, held, expiresAt: timeOf(atMs + asked.expiresInSeconds * 1000) };
    case 'capture': {
      const to = asked.to === undefined ? {} : { to: asked.to };
      return { ...receipt, held, hold: asked.hold, amount: String(capturedMinor), ...to };
    }
    case 'void':
      return { ...receipt, held, hold: asked.hold, amount: String(-heldChangeMinor) };
    case 'setStatus': {
      const { debits, credits } = asked;
      return { ...receipt, ...(debits && { debits }), ...(credits && { credits }) };
    }
    // There is no `default`, so that a new operation does not compile without its answer.
    case 'deposit':
    case 'withdraw':
    case 'credit':
    case 'reserve':
    case 'unreserve':
      return receipt;
  }
}

/** The answer to a refund. Its balance, number and time are those of the entry that ended it. */
function refundedOf(
  account: string,
  { entry: { key } }: Line,
  call: string,
  end: Line | undefined,
): Readonly<Record<string, unknown>> {
  const body = end?.entry.body;
  if (end === undefined || body?.kind !== 'refunded') {
    throw new Error(`the end of refund ${key} of ${account} is missing`);
  }
  const { entry, sequence, balanceMinor } = end;
  const { to } = body;
  return {
    account,
    key,
    balance: String(balanceMinor),
    sequence,
    at: timeOf(entry.atMs),
    call,
    amount: String(refundedMinor(entry)),
    ...(to === undefined ? {} : { to }),
  };
}

/** The case of a refusal. A transfer or a refund is `returned` with the code of the payee's book, or of the register of its call. */
function caseOf(code: RecordedRefusal, asked: Asked, isReturned: boolean): ProblemCaseName {
  const { operation } = asked;
  switch (code) {
    case 'account_frozen':
      if (operation === 'refund') {
        return 'refund_frozen';
      }
      return operation === 'deposit' ? 'credits_frozen' : 'debits_frozen';
    case 'balance_too_large':
      return isReturned ? 'destination_too_large' : code;
    case 'refund_exceeded':
      return operation === 'refund' && asked.amountMinor === undefined ? 'nothing_to_refund' : code;
    default:
      return code;
  }
}

/** The answer to a cancellation: the key is cancelled, or its call was answered before. */
export function cancellationAnswer(account: string, reply: Reply): BankAnswer {
  const { key, body } = reply.line.entry;
  return {
    status: 200,
    body:
      body.kind === 'cancelled'
        ? { key, outcome: 'cancelled' }
        : { key, outcome: 'answered', reply: answerOf(account, reply) },
  };
}

/** A time in the form that answers have. */
export function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** The answer with a problem. */
export function problemAnswer(name: ProblemCaseName, amount?: bigint | string): BankAnswer {
  return answerWith(problemOf(name, amount));
}

/** The answer to a request that is not valid. */
export function badRequestAnswer(message: string): BankAnswer {
  return answerWith(badRequest(message));
}

function answerWith(problem: Problem): BankAnswer {
  return { status: problem.status, body: problem };
}

/**
 * Converts an answer to the form that API Gateway takes. What can differ between retries is in headers, so that bodies are the same.
 */
export function toResult(
  answer: BankAnswer,
  region: string,
  replayed: boolean,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: answer.status,
    headers: {
      ...(answer.body === undefined ? {} : { 'content-type': mediaType(answer.status) }),
      // A shared cache could give an old balance, or that of another caller.
      'cache-control': 'no-store',
      [HEADERS.region]: region,
      ...(replayed ? { [HEADERS.replayed]: 'true' } : {}),
      ...(answer.status === PROBLEMS.unavailable.status ? { 'retry-after': '1' } : {}),
    },
    ...(answer.body === undefined ? {} : { body: JSON.stringify(answer.body) }),
  };
}

function mediaType(status: number): string {
  return status < 300 ? 'application/json' : PROBLEM_MEDIA_TYPE;
}
