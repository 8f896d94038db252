import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { PROBLEM_PAGE, PROBLEMS, type ProblemCode } from '../../client/contract/schemas.ts';
import { createBank } from '../../functions/bank/bank.ts';
import type { Store } from '../../functions/bank/store.ts';
import {
  type ApiHandler,
  type CallLine,
  createHandler,
  type HandlerParts,
} from '../../functions/http/handler.ts';
import { createLab, type Lab } from './dynamodb-lab.ts';
import { moveEvent } from './events.ts';
import { keyAt } from './keys.ts';

/** An answer of the handler, with its body read. */
export interface HandlerAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, boolean | number | string>>;
  readonly body: string | undefined;
  /** Of any shape: each test knows which. */
  readonly json: ReturnType<JSON['parse']>;
}

/** What a handler is made of that differs from the usual one. */
type Unusual = Partial<Omit<HandlerParts, 'bank'>> & {
  readonly keysNotBeforeMs?: number;
  /** A function's own clock. */
  readonly nowMs?: () => number;
};

/** The real handler on a real DynamoDB, asked through events. */
export interface HandlerLab {
  readonly lab: Lab;
  /** What the handlers have logged. */
  readonly lines: { line: CallLine; error: unknown }[];
  /** A handler of a Region, on the lab's store or another. */
  handlerOf(region: string, store?: Store, unusual?: Unusual): ApiHandler;
  /** Asks us-east-1, or another handler. */
  ask(event: APIGatewayProxyEventV2, handler?: ApiHandler): Promise<HandlerAnswer>;
  /** Asks us-east-1 and expects a problem that is complete. */
  expectProblem(event: APIGatewayProxyEventV2, code: ProblemCode): Promise<HandlerAnswer>;
  /** Deposits 1 a number of times, each under a new key, a millisecond apart. Returns the keys. */
  fill(account: string, count: number, headers?: Record<string, string>): Promise<string[]>;
}

export async function createHandlerLab(): Promise<HandlerLab> {
  const lab = await createLab();
  const lines: HandlerLab['lines'] = [];
  const handlerOf: HandlerLab['handlerOf'] = (region, store = lab.store, unusual = {}) => {
    const { keysNotBeforeMs = 0, nowMs = () => lab.now.ms, ...others } = unusual;
    return createHandler({
      bank: createBank({ store, nowMs, keysNotBeforeMs }),
      region,
      log: (line, error) => lines.push({ line, error }),
      elapsedMs: () => performance.now(),
      nowMs,
      abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
      ...others,
    });
  };
  // Pages are turned however long the machine takes for it; a test of haste makes a handler of its own.
  const usual = handlerOf('us-east-1', lab.store, {
    abortAfter: (timeMs) => AbortSignal.timeout(Math.max(timeMs, 4000)),
  });

  const ask: HandlerLab['ask'] = async (event, handler = usual) => {
    const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 10_000 };
    const { statusCode, headers = {}, body } = await handler(event, context);
    return { status: statusCode, headers, body, json: body === undefined ? undefined : JSON.parse(body) };
  };

  const expectProblem: HandlerLab['expectProblem'] = async (event, code) => {
    const answer = await ask(event);
    expect(answer.json).toEqual({
      type: `${PROBLEM_PAGE}#${code}`,
      title: PROBLEMS[code].title,
      status: PROBLEMS[code].status,
      detail: expect.stringMatching(/\.$/),
      code,
    });
    expect(answer.status).toBe(PROBLEMS[code].status);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'bank-region': 'us-east-1',
    });
    return answer;
  };

  const fill: HandlerLab['fill'] = async (account, count, headers) => {
    const keys: string[] = [];
    for (let done = 0; done < count; done += 1) {
      lab.now.ms += 1;
      const key = keyAt(lab.now.ms);
      const answer = await ask(moveEvent(`/accounts/${account}/deposits`, key, { amount: '1' }, headers));
      expect(answer.status).toBe(200);
      keys.push(key);
    }
    return keys;
  };

  return { lab, lines, handlerOf, ask, expectProblem, fill };
}
