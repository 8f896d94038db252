import { HEADERS } from './contract/operations.ts';
import { isProblemCode, PROBLEMS } from './contract/problems.ts';
import type { AttemptFailure, Endpoint, FailureReason, RefusalCode } from './failure.ts';
import { neverSent } from './never-sent.ts';
import type { ResolvedOptions } from './options.ts';
import { isReplayed, readProblem } from './read-answer.ts';
import { readLimited } from './read-limited.ts';
import { sign } from './sign.ts';
import { type AttemptLimit, unlessAborted } from './timers.ts';

/** A request, before it is known which Region it goes to. */
export interface BankRequest<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Reads the body of a 200, or undefined for a 204, and its headers. Throws when it is not the answer to this request. */
  readonly parse: (body: unknown, headers: Headers) => T;
  /** Reads the body of a 202, where the request may be given one. */
  readonly parsePending?: (body: unknown) => T;
  /** The value of the answer that no reply is recorded, where the request may be given one. */
  readonly noReply?: T;
}

/** An answer: a value of the kind that the request asks for. */
export interface AttemptAnswer<T> extends AnswerDetails {
  readonly kind: 'answered';
  readonly value: T;
}

/** A refusal, of the bank or of the gateway before it. */
export interface AttemptRefusal extends AnswerDetails {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly detail: string;
  /** True when it was recorded before this attempt. */
  readonly replayed: boolean;
}

/** No answer. */
export interface Failed extends AttemptFailure {
  readonly kind: 'failed';
}

/** How one attempt ended. */
export type AttemptResult<T> = AttemptAnswer<T> | AttemptRefusal | Failed;

interface AnswerDetails {
  readonly endpoint: Endpoint;
  readonly status: number;
  readonly region: string | undefined;
  /** The bank's time by the `Date` header, in milliseconds since 1970. */
  readonly bankTimeMs: number | undefined;
}

/** The largest answer the client reads. A page of 100 entries has at most 70 KB; an answer that is longer is not from the bank. */
const MAX_ANSWER_BYTES = 128 * 1024;

/** Sends a request to one endpoint once. Never throws: an error is a result. */
export async function attempt<T>(
  request: BankRequest<T>,
  endpoint: Endpoint,
  { credentials, environment }: Pick<ResolvedOptions, 'credentials' | 'environment'>,
  limits: { readonly timeLeftMs: number; readonly nowMs: number; readonly end: AttemptLimit },
): Promise<AttemptResult<T>> {
  const { signal, endedBy } = limits.end;
  // Behind a transport that sends again by itself, a copy sent before the one that failed may have been executed.
  const notExecuted = environment.sendsOnce ? 'no' : 'unknown';
  let isSigned = false;
  try {
    const { method, body } = request;
    const unsigned = {
      method,
      url: endpoint.url + request.path,
      headers: { ...request.headers, [HEADERS.timeLeftMs]: String(Math.ceil(limits.timeLeftMs)) },
      body,
    };
    // Credentials come from a function of the caller's, which may never answer and knows nothing of the deadline.
    const { url, headers } =
      credentials === undefined
        ? unsigned
        : await unlessAborted(sign(unsigned, endpoint, credentials, limits.nowMs), signal);
    isSigned = true;
    const response = await environment.fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal,
      // A redirect would carry a signed request to an address that is not configured.
      redirect: 'manual',
      // Only answers to a GET can be in a cache. Elsewhere this would cost two headers a request.
      cache: method === 'GET' ? 'no-store' : 'default',
    });
    return interpret(request, endpoint, response, await readLimited(response, MAX_ANSWER_BYTES), notExecuted);
  } catch (cause) {
    if (signal.aborted) {
      return failed(endpoint, endedBy(), isSigned ? 'unknown' : 'no', cause);
    }
    if (!isSigned) {
      return failed(endpoint, 'cannot_sign', 'no', cause);
    }
    return neverSent(cause)
      ? failed(endpoint, 'cannot_connect', notExecuted, cause)
      : failed(endpoint, 'connection_lost', 'unknown', cause);
  }
}

function failed(
  endpoint: Endpoint,
  reason: FailureReason,
  executed: 'no' | 'unknown',
  cause: unknown,
): Failed {
  return { kind: 'failed', endpoint, reason, executed, cause };
}

function interpret<T>(
  request: BankRequest<T>,
  endpoint: Endpoint,
  { status, headers }: Response,
  text: string,
  notExecuted: 'no' | 'unknown',
): AttemptResult<T> {
  const details: AnswerDetails = {
    endpoint,
    status,
    region: headers.get(HEADERS.region) ?? undefined,
    bankTimeMs: timeOf(headers.get('date')),
  };
  const parse = status === 202 ? request.parsePending : request.parse;
  if (parse !== undefined && [200, 202, 204].includes(status)) {
    try {
      const body: unknown = status === 204 ? undefined : JSON.parse(text);
      return { kind: 'answered', value: parse(body, headers), ...details };
    } catch (cause) {
      return failed(endpoint, 'unexpected_answer', 'unknown', cause);
    }
  }
  const problem = problemOf(text, status);
  if (problem?.code === 'unavailable') {
    const executed = problem.executed === false ? notExecuted : 'unknown';
    return failed(endpoint, 'unavailable', executed, new Error(problem.detail));
  }
  if (problem?.code === 'no_reply') {
    return request.noReply === undefined
      ? failed(endpoint, 'unexpected_answer', 'unknown', new Error(problem.detail))
      : { kind: 'answered', value: request.noReply, ...details };
  }
  if (problem !== undefined) {
    const { code, detail } = problem;
    return { kind: 'refused', code, detail, replayed: isReplayed(headers), ...details };
  }
  // A proxy may have passed the request on and replaced the answer. A gateway that refuses a request with a 4xx has not passed it on
  // (RFC 9110, 15.5), except with 408: it stopped waiting.
  const isTurnedAway =
    headers.get(HEADERS.gatewayRequest) !== null && status >= 400 && status < 500 && status !== 408;
  if (isTurnedAway && (status === 401 || status === 403)) {
    const detail = `The gateway refused the request (${status}): check the credentials, their policy and the clock. This attempt moved no money.`;
    return { kind: 'refused', code: 'not_authorized', detail, replayed: false, ...details };
  }
  const cause = new Error(`HTTP ${status}: ${text.slice(0, 200)}`);
  return failed(endpoint, 'unexpected_answer', isTurnedAway ? notExecuted : 'unknown', cause);
}

/**
 * Reads an answer as one of the bank's problems; undefined when it is none. A code counts under its own status
 * only: a final refusal must not be read into a 500.
 */
function problemOf(text: string, status: number) {
  try {
    const problem = readProblem(JSON.parse(text));
    const { code } = problem;
    return isProblemCode(code) && PROBLEMS[code].status === status ? { ...problem, code } : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(date: string | null): number | undefined {
  const timeMs = Date.parse(date ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
