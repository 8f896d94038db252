import { HEADERS } from './contract/operations.ts';
import { isProblemCode, PROBLEMS, type ProblemCode } from './contract/problems.ts';
import type { Endpoint } from './endpoint.ts';
import type { AttemptFailure, FailureReason, Refusal } from './failure.ts';
import { neverSent } from './never-sent.ts';
import type { ResolvedOptions } from './options.ts';
import { isReplayed, type Problem, readProblem } from './read-answer.ts';
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
}

/** What came of one attempt. */
export type AttemptResult<T> = { readonly endpoint: Endpoint } & (
  | ({ readonly kind: 'answered'; readonly value: T } & Answered)
  | ({ readonly kind: 'refused'; readonly refusal: Refusal } & Answered)
  | ({ readonly kind: 'failed' } & AttemptFailure)
);

interface Answered {
  readonly status: number;
  readonly region: string | undefined;
  /** The bank's time by the `Date` header, in milliseconds since 1970. */
  readonly bankTimeMs: number | undefined;
  /** True when the reply was recorded before this attempt. */
  readonly replayed: boolean;
}

/** The largest answer the client reads. A page of 100 entries has at most 70 KB; whatever sends more is not the bank. */
const MAX_ANSWER_BYTES = 128 * 1024;

/** Sends a request to one endpoint once. Never throws: whatever happens is a result. */
export async function attempt<T>(
  request: BankRequest<T>,
  endpoint: Endpoint,
  options: Pick<ResolvedOptions, 'credentials' | 'environment'>,
  limits: { readonly timeLeftMs: number; readonly nowMs: number; readonly end: AttemptLimit },
): Promise<AttemptResult<T>> {
  const { environment } = options;
  // Behind a transport that sends again by itself, a copy sent before the one that failed may have been executed.
  const notExecuted = environment.sendsOnce ? 'no' : 'unknown';
  const failed = (reason: FailureReason, executed: 'no' | 'unknown', cause: unknown): AttemptResult<T> => ({
    kind: 'failed',
    endpoint,
    reason,
    executed,
    cause,
  });

  const { signal, endedBy } = limits.end;
  let signed: { url: string; headers: Record<string, string> };
  try {
    const url = endpoint.url + request.path;
    const headers = { ...request.headers, [HEADERS.timeLeftMs]: String(Math.ceil(limits.timeLeftMs)) };
    signed =
      options.credentials === undefined
        ? { url, headers }
        : // Credentials come from a function of the caller's, which may never answer and knows nothing of the deadline.
          await unlessAborted(
            sign({ ...request, url, headers }, endpoint, options.credentials, limits.nowMs),
            signal,
          );
  } catch (cause) {
    return failed(signal.aborted ? endedBy() : 'cannot_sign', 'no', cause);
  }

  let response: Response;
  let text: string;
  try {
    response = await environment.fetch(signed.url, {
      method: request.method,
      headers: signed.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
      // A redirect would carry a signed request to a place that nobody configured.
      redirect: 'manual',
      cache: 'no-store',
    });
    text = await readLimited(response, MAX_ANSWER_BYTES);
  } catch (cause) {
    if (signal.aborted) {
      return failed(endedBy(), 'unknown', cause);
    }
    return neverSent(cause)
      ? failed('cannot_connect', notExecuted, cause)
      : failed('connection_lost', 'unknown', cause);
  }
  return { endpoint, ...interpret(request, response, text, notExecuted) };
}

type Interpreted<T> =
  AttemptResult<T> extends infer Result ? (Result extends unknown ? Omit<Result, 'endpoint'> : never) : never;

function interpret<T>(
  request: BankRequest<T>,
  response: Response,
  text: string,
  notExecuted: 'no' | 'unknown',
): Interpreted<T> {
  const { status } = response;
  const answered: Answered = {
    status,
    region: response.headers.get(HEADERS.region) ?? undefined,
    bankTimeMs: timeOf(response.headers.get('date')),
    replayed: response.headers.get(HEADERS.replayed) === 'true',
  };
  const unexpected = (executed: 'no' | 'unknown', cause: unknown): Interpreted<T> => ({
    kind: 'failed',
    reason: 'unexpected_answer',
    executed,
    cause,
  });
  const parse = status === 202 ? request.parsePending : request.parse;
  if (parse !== undefined && [200, 202, 204].includes(status)) {
    try {
      const body: unknown = status === 204 ? undefined : JSON.parse(text);
      return { kind: 'answered', value: parse(body, response.headers), ...answered };
    } catch (cause) {
      return unexpected('unknown', cause);
    }
  }
  const problem = problemOf(text, status);
  if (problem?.code === 'unavailable') {
    const executed = problem.executed === false ? notExecuted : 'unknown';
    return { kind: 'failed', reason: 'unavailable', executed, cause: new Error(problem.detail) };
  }
  if (problem !== undefined) {
    const { code, detail } = problem;
    const replayed = isReplayed(response.headers);
    return { kind: 'refused', refusal: { code, detail, status, replayed }, ...answered };
  }
  // Whatever else stands in between may have handed the request on and turned its answer away. A gateway that turns a request
  // away with a 4xx has not handed it on (RFC 9110, 15.5), but for 408: it gave up waiting.
  const isTurnedAway =
    response.headers.get(HEADERS.gatewayRequest) !== null && status >= 400 && status < 500 && status !== 408;
  if (isTurnedAway && (status === 401 || status === 403)) {
    const detail = `The gateway refused the request (${status}): check the credentials, their policy and the clock. Nothing has happened.`;
    return {
      kind: 'refused',
      refusal: { code: 'not_authorized', detail, status, replayed: false },
      ...answered,
    };
  }
  return unexpected(
    isTurnedAway ? notExecuted : 'unknown',
    new Error(`HTTP ${status}: ${text.slice(0, 200)}`),
  );
}

/**
 * Reads an answer as one of the bank's problems; undefined when something else spoke. A code counts under its own status
 * only: a refusal that is for good must not be read into a 500.
 */
function problemOf(text: string, status: number): (Problem & { code: ProblemCode }) | undefined {
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
