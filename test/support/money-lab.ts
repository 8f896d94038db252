import { randomUUID } from 'node:crypto';
import type { BankParts } from '../../functions/bank/attempt.ts';
import type { Append } from '../../functions/bank/decide.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { type SweepReport, sweep } from '../../functions/bank/sweep.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import { patient } from './dynamodb-lab.ts';
import { httpEvent, moveEvent } from './events.ts';
import { createHandlerLab, type HandlerAnswer, type HandlerLab } from './handler-lab.ts';
import { keyAt } from './keys.ts';

/** The real handler on a real DynamoDB, with short ways to ask for transfers and holds. */
export interface MoneyLab extends HandlerLab {
  mint(): string;
  /** An account with an amount in it. */
  accountWith(amount: number): Promise<string>;
  post(path: string, body: object, key: string, handler?: ApiHandler): Promise<HandlerAnswer>;
  put(path: string, body: object, key: string): Promise<HandlerAnswer>;
  get(path: string, query?: Record<string, string>): Promise<HandlerAnswer>;
  /** Makes a call that moves an amount, such as `deposits`. */
  move(account: string, what: string, amount: number, key?: string, by?: ApiHandler): Promise<HandlerAnswer>;
  outcome(account: string, key: string): Promise<HandlerAnswer>;
  cancel(account: string, key: string): Promise<HandlerAnswer>;
  /** Turns the pages of an account until its oldest entries have left the head. */
  turnPages(account: string): Promise<unknown>;
  /** Makes a call in a function that dies. `died` resolves then, and `made` when the call is answered before. */
  dying(
    death: Death,
    call: (by: ApiHandler) => Promise<unknown>,
  ): { readonly died: Promise<void>; readonly made: Promise<unknown> };
  /** `balance` and `held` of an account. */
  money(account: string): Promise<readonly [balance: string, held: string]>;
  /** The statement of an account, oldest first, as type and what it did. */
  statement(account: string): Promise<ReturnType<JSON['parse']>[]>;
  sweep(): Promise<SweepReport>;
  /** The other Region, on a store of its own. */
  readonly other: ApiHandler;
}

export async function createMoneyLab(): Promise<MoneyLab> {
  const labs = await createHandlerLab();
  const { lab, ask } = labs;
  const sweeping = lab.storeAt({ role: 'sweep', limits: { requestTimeoutMs: 30_000 } });
  const parts: BankParts = { store: sweeping, nowMs: () => lab.now.ms, keysNotBeforeMs: 0 };
  const mint = () => {
    lab.now.ms += 1;
    return keyAt(lab.now.ms);
  };
  const post: MoneyLab['post'] = (path, body, key, handler) => ask(moveEvent(path, key, body), handler);
  const move: MoneyLab['move'] = (account, what, amount, key = mint(), by) =>
    post(`/accounts/${account}/${what}`, { amount: String(amount) }, key, by);
  const get: MoneyLab['get'] = (path, query) =>
    ask(httpEvent({ path, ...(query === undefined ? {} : { query }) }));
  return {
    ...labs,
    mint,
    post,
    put: (path, body, key) => ask(moveEvent(path, key, body, {}, 'PUT')),
    get,
    other: labs.handlerOf('us-east-2', lab.storeAt({ limits: { requestTimeoutMs: 30_000 } })),
    move,
    outcome: (account, key) => get(`/accounts/${account}/replies/${key}`),
    cancel: (account, key) =>
      ask(moveEvent(`/accounts/${account}/cancellations/${key}`, mint(), {}, {}, 'PUT')),
    turnPages: (account) => labs.fill(account, 2 * KEPT_ENTRIES),
    dying: (death, call) => {
      const { store, died } = dyingStore(lab.store, death);
      return { died, made: call(labs.handlerOf('us-east-1', store)) };
    },
    accountWith: async (amount) => {
      const account = `account-${randomUUID()}`;
      await move(account, 'deposits', amount);
      return account;
    },
    money: async (account) => {
      const { balance, held } = (await get(`/accounts/${account}`)).json;
      return [balance, held];
    },
    statement: async (account) =>
      (await get(`/accounts/${account}/entries`, { after: '0', refusals: 'true', limit: '100' })).json
        .entries,
    sweep: () =>
      sweep(parts, patient(), (account, error) => {
        throw new Error(`${account} was not swept`, { cause: error });
      }),
  };
}

/** What happens to the append after a number of others: the function dies before it, or after it. */
export interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
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
