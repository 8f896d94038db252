import { HEADERS } from './contract/operations.ts';
import { isProblemCode, PROBLEMS } from './contract/problems.ts';
import type { AttemptFailure, Endpoint, FailureReason, RefusalCode } from './failure.ts';
import { neverSent } from './never-sent.ts';
import type { ResolvedOptions } from './options.ts';
import { isReplayed, readProblem } from './read-answer.ts';
import { readLimited } from './read-limited.ts';
import { sign } from './sign.ts';
import type { AttemptLimit } from './timers.ts';

/** A request to the bank, in any Region. */
export interface BankRequest<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Reads the body and the headers of a 200, or of a 204 without a body. Throws if it is not the answer to this request. */
  readonly parse: (body: unknown, headers: Headers) => T;
  /** Reads the body of a 202, if the request may get one. */
  readonly parsePending?: (body: unknown) => T;
  /** The value for the answer that no reply is recorded, if the request may get it. */
  readonly noReply?: T;
}

/** The answer to a request. */
export interface AttemptAnswer<T> extends AnswerDetails {
  readonly kind: 'answered';
  readonly value: T;
}

/** A refusal, by the bank or by the gateway in front of it. */
export interface AttemptRefusal extends AnswerDetails {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly detail: string;
  /** True if it was recorded before this attempt. */
  readonly replayed: boolean;
}

/** No answer. */
export interface NoAnswer extends AttemptFailure {
  readonly kind: 'failed';
}

/** How one attempt ended. */
export type AttemptResult<T> = AttemptAnswer<T> | AttemptRefusal | NoAnswer;

interface AnswerDetails {
  readonly endpoint: Endpoint;
  readonly status: number;
  readonly region: string | undefined;
  /** The bank's time from the `Date` header, in milliseconds since 1970. */
  readonly bankTimeMs: number | undefined;
}

/** The largest answer that the client reads. 100 entries have at most 70 KB, so a longer answer is not from the bank. */
const MAX_ANSWER_BYTES = 128 * 1024;

/** Sends a request to one endpoint once. It never throws: an error is a result. */
export async function attempt<T>(
  request: BankRequest<T>,
  endpoint: Endpoint,
  { credentials, environment }: Pick<ResolvedOptions, 'credentials' | 'environment'>,
  limits: { readonly timeLeftMs: number; readonly nowMs: number; readonly end: AttemptLimit },
): Promise<AttemptResult<T>> {
  const { signal, endedBy } = limits.end;
  // If the transport resends requests by itself, an earlier copy may have been executed.
  const notExecuted = environment.sendsOnce ? 'no' : 'unknown';
  let wasSent = false;
  try {
    const { method, body } = request;
    const unsigned = {
      method,
      url: endpoint.url + request.path,
      headers: { ...request.headers, [HEADERS.timeLeftMs]: String(Math.ceil(limits.timeLeftMs)) },
      body,
    };
    // The credentials may come from a function of the caller, which does not know the deadline and may never return.
    const { url, headers } =
      credentials === undefined
        ? unsigned
        : await limits.end.unlessEnded(sign(unsigned, endpoint, credentials, limits.nowMs));
    signal.throwIfAborted();
    wasSent = true;
    const exchange = async () => {
      const response = await environment.fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        signal,
        // A redirect would send a signed request to an address that is not configured.
        redirect: 'manual',
        // Only answers to a GET can be in a cache, and the option costs two headers in a request.
        cache: method === 'GET' ? 'no-store' : 'default',
      });
      return { response, text: await readLimited(response, MAX_ANSWER_BYTES) };
    };
    // A `fetch` that the caller has wrapped or replaced may not obey the signal.
    const { response, text } = await limits.end.unlessEnded(exchange());
    return interpret(request, endpoint, response, text, notExecuted);
  } catch (cause) {
    if (signal.aborted) {
      return failed(endpoint, endedBy(), wasSent ? 'unknown' : 'no', cause);
    }
    if (!wasSent) {
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
): NoAnswer {
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
  // A proxy may have forwarded the request and replaced the answer. But a gateway that refuses a request with a 4xx has not forwarded it
  // (RFC 9110, 15.5), except with a 408, when it stopped waiting.
  const isRejected =
    headers.get(HEADERS.gatewayRequest) !== null && status >= 400 && status < 500 && status !== 408;
  if (isRejected && (status === 401 || status === 403)) {
    const detail = `The gateway refused the request (${status}): check the credentials, their policy and the clock. This attempt moved no money.`;
    return { kind: 'refused', code: 'not_authorized', detail, replayed: false, ...details };
  }
  const cause = new Error(`HTTP ${status}: ${text.slice(0, 200)}`);
  return failed(endpoint, 'unexpected_answer', isRejected ? notExecuted : 'unknown', cause);
}

/**
 * Reads an answer as a problem of the bank; undefined if it is not one. A code counts only with its own status, so that a 500 is never
 * taken for a final refusal.
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
