import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { PROBLEM_PAGE, PROBLEMS, type ProblemCode } from '../../client/contract.ts';
import { createBank } from '../../functions/core/bank.ts';
import type { Store } from '../../functions/core/store.ts';
import { type ApiHandler, type CallLine, createHandler } from '../../functions/edge/handler.ts';
import { createLab, type Lab } from './dynamodb-lab.ts';

/** An answer of the handler, with its body read. */
export interface HandlerAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, boolean | number | string>>;
  readonly body: string | undefined;
  /** Of any shape: each test knows which. */
  readonly json: ReturnType<JSON['parse']>;
}

/** The real handler on a real DynamoDB, asked through events. */
export interface HandlerLab {
  readonly lab: Lab;
  /** What the handlers have logged. */
  readonly lines: { line: CallLine; error: unknown }[];
  /** A handler of a Region, on the lab's store or another. */
  handlerOf(region: string, store?: Store): ApiHandler;
  /** Asks us-east-1, or another handler. */
  ask(event: APIGatewayProxyEventV2, handler?: ApiHandler): Promise<HandlerAnswer>;
  /** Asks us-east-1 and expects a problem that is complete. */
  expectProblem(event: APIGatewayProxyEventV2, code: ProblemCode): Promise<HandlerAnswer>;
}

export async function createHandlerLab(): Promise<HandlerLab> {
  const lab = await createLab();
  const lines: HandlerLab['lines'] = [];
  const handlerOf = (region: string, store = lab.store) =>
    createHandler({
      bank: createBank(store, () => lab.now.ms),
      region,
      log: (line, error) => lines.push({ line, error }),
      elapsedMs: () => performance.now(),
      abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
    });
  const usual = handlerOf('us-east-1');

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

  return { lab, lines, handlerOf, ask, expectProblem };
}
