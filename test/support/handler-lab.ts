import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { PROBLEM_PAGE, PROBLEMS, type ProblemCode } from '../../client/contract/schemas.ts';
import type { Append } from '../../functions/bank/append.ts';
import type { BankParts } from '../../functions/bank/attempt.ts';
import { createBank } from '../../functions/bank/bank.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import {
  type ApiHandler,
  type CallLine,
  createHandler,
  type HandlerParts,
} from '../../functions/http/handler.ts';
import { createLab, patient } from './dynamodb-lab.ts';
import { httpEvent, moveEvent } from './events.ts';

/** An answer of the handler, with its body read. */
export interface HandlerAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, boolean | number | string>>;
  readonly body: string | undefined;
  /** Of any shape: each test knows which. */
  readonly json: ReturnType<JSON['parse']>;
}

/** What matches the answer to a call that is refused, or turned away, with a code. */
export const refusal = (code: ProblemCode) => ({ status: PROBLEMS[code].status, json: { code } });

/** What a handler is made of that differs from the usual one. */
type Unusual = Partial<Omit<HandlerParts, 'bank'>> & {
  readonly keysNotBeforeMs?: number;
  /** A function's own clock. */
  readonly nowMs?: () => number;
};

/** What happens to the append after a number of others: the function dies before it, or after it. */
export interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

export type HandlerLab = Awaited<ReturnType<typeof createHandlerLab>>;

/** The real handler on a real DynamoDB, asked through events, with short ways to ask for what most tests ask for. */
export async function createHandlerLab() {
  const lab = await createLab();
  /** What the handlers have logged. */
  const lines: { line: CallLine; error: unknown }[] = [];
  /** A handler of a Region, on the lab's store or another. */
  const handlerOf = (region: string, store: Store = lab.store, unusual: Unusual = {}): ApiHandler => {
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

  /** Asks us-east-1, or another handler. */
  const ask = async (event: APIGatewayProxyEventV2, handler = usual): Promise<HandlerAnswer> => {
    const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 10_000 };
    const { statusCode, headers = {}, body } = await handler(event, context);
    return { status: statusCode, headers, body, json: body === undefined ? undefined : JSON.parse(body) };
  };

  /** Asks us-east-1 and expects a problem that is complete. */
  const expectProblem = async (event: APIGatewayProxyEventV2, code: ProblemCode) => {
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

  const { mint } = lab;
  const post = (path: string, body: object, key: string, handler?: ApiHandler) =>
    ask(moveEvent(path, key, body), handler);
  const get = (path: string, query?: Record<string, string>, handler?: ApiHandler) =>
    ask(httpEvent({ path, ...(query === undefined ? {} : { query }) }), handler);
  /** Makes a call that moves an amount, such as `deposits`. */
  const move = (account: string, what: string, amount: number, key = mint(), by?: ApiHandler) =>
    post(`/accounts/${account}/${what}`, { amount: String(amount) }, key, by);
  const about = (method: string, path: string, handler?: ApiHandler) =>
    ask(httpEvent({ method, path }), handler);

  /** Deposits 1 a number of times, each under a new key, a millisecond apart. Returns the keys. */
  const fill = async (account: string, count: number, headers?: Record<string, string>) => {
    const keys: string[] = [];
    while (keys.length < count) {
      const key = mint();
      const answer = await ask(moveEvent(`/accounts/${account}/deposits`, key, { amount: '1' }, headers));
      expect(answer.status).toBe(200);
      keys.push(key);
    }
    return keys;
  };

  /** `balance` and `held` of an account. */
  const money = async (account: string): Promise<readonly [balance: string, held: string]> => {
    const { balance, held } = (await get(`/accounts/${account}`)).json;
    return [balance, held];
  };

  const sweeping = lab.storeAt({ role: 'sweep', limits: { requestTimeoutMs: 30_000 } });
  const parts: BankParts = { store: sweeping, nowMs: () => lab.now.ms, keysNotBeforeMs: 0 };

  return {
    ...{ lab, lines, handlerOf, ask, expectProblem, fill, mint, post, get, move },
    put: (path: string, body: object, key: string) => ask(moveEvent(path, key, body, {}, 'PUT')),
    outcome: (account: string, key: string, handler?: ApiHandler) =>
      get(`/accounts/${account}/replies/${key}`, undefined, handler),
    acknowledge: (account: string, key: string) => about('DELETE', `/accounts/${account}/replies/${key}`),
    cancel: (account: string, key: string, handler?: ApiHandler) =>
      about('PUT', `/accounts/${account}/cancellations/${key}`, handler),
    /** The other Region, on a store of its own. */
    other: handlerOf('us-east-2', lab.storeAt({ limits: { requestTimeoutMs: 30_000 } })),
    /** Turns the pages of an account until its oldest entries have left the head. */
    turnPages: (account: string) => fill(account, 2 * KEPT_ENTRIES),
    /** Makes a call in a function that dies. `died` resolves then, and `made` when the call is answered before. */
    dying: (death: Death, call: (by: ApiHandler) => Promise<unknown>) => {
      const { store, died } = dyingStore(lab.store, death);
      return { died, made: call(handlerOf('us-east-1', store)) };
    },
    /** An account with an amount in it. */
    accountWith: async (amount: number) => {
      const account = `account-${randomUUID()}`;
      await move(account, 'deposits', amount);
      return account;
    },
    money,
    /** What `money` gives for each of some accounts, as `70/0`. */
    balances: (...accounts: readonly string[]) =>
      Promise.all(accounts.map(async (account) => (await money(account)).join('/'))),
    /** The statement of an account, oldest first. */
    statement: async (account: string): Promise<ReturnType<JSON['parse']>[]> =>
      (await get(`/accounts/${account}/entries`, { after: '0', refusals: 'true', limit: '100' })).json
        .entries,
    sweep: () =>
      sweep(parts, patient(), (account, error) => {
        throw new Error(`${account} was not swept`, { cause: error });
      }),
  };
}

/** A store of a function that dies at an append: what it waits for never comes. `died` resolves then. */
function dyingStore(
  store: Store,
  { at, when }: Death,
): { readonly store: Store; readonly died: Promise<void> } {
  let appends = 0;
  let die = () => {};
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const append = async (append: Append, signal: AbortSignal) => {
    appends += 1;
    if (appends < at) {
      return await store.append(append, signal);
    }
    if (appends === at && when === 'after') {
      await store.append(append, signal);
    }
    die();
    return await new Promise<never>(() => {});
  };
  return { store: { ...store, append }, died };
}
