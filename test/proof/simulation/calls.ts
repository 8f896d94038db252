import { MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import type { BankClient } from '../../../client/index.ts';
import { answerFrom, type CallOutcome } from '../../../client/load/call.ts';
import type { Entry } from '../../../functions/bank/entry.ts';
import type { Mix } from '../chaos/options.ts';
import type { HistoryEvent } from '../history/event.ts';
import type { Chance } from './chance.ts';

/** A call with a key, as a program stores it beside that. */
export interface Call {
  readonly operation:
    | 'deposit'
    | 'withdraw'
    | 'transfer'
    | 'hold'
    | 'capture'
    | 'void'
    | 'refund'
    | 'setStatus';
  readonly account: string;
  readonly amount?: bigint;
  readonly to?: string;
  readonly hold?: string;
  /** Key of the call that is refunded. */
  readonly call?: string;
  readonly final?: boolean;
  readonly expiresInSeconds?: number;
  readonly debits?: 'open' | 'frozen';
  readonly credits?: 'open' | 'frozen';
  /** Absent when the client is to mint it. */
  readonly key?: string;
}

/** The accounts of a run. */
export interface Accounts {
  /** Those without holds and refunds: the checker follows them (I5). */
  readonly plain: readonly [string, ...string[]];
  readonly holding: readonly string[];
  /** True where operators freeze and open accounts. */
  readonly freezes: boolean;
  readonly mix: Mix;
}

/** An account that is paid more often than it is deposited to, so that many transfers find no destination. */
const SELDOM_THERE = 'nil';

/** An account that is nearly full. */
const FULL = 'rex';
const NEARLY_FULL_MINOR = MAX_AMOUNT_MINOR - 40n;

/** Accounts of a run that is all transfers. */
const TEN = Array.from({ length: 10 }, (_, index) => `pays-${index + 1}`) as [string, ...string[]];

/** Draws which accounts there are. The first one is everybody's payee. */
export function drawAccounts(chance: Chance, mix: Mix): Accounts {
  if (mix === 'transfers') {
    return { plain: TEN, holding: [], freezes: chance.happens(0.4), mix };
  }
  const others = [
    ...(chance.happens(0.8) ? ['bob'] : []),
    ...(chance.happens(0.3) ? ['eve'] : []),
    ...(chance.happens(0.2) ? [FULL] : []),
  ];
  const holding = chance.happens(0.7) ? ['joe', ...(chance.happens(0.3) ? ['kim'] : [])] : [];
  return { plain: ['ann', ...others], holding, freezes: chance.happens(0.4), mix };
}

/** What callers know of the accounts: the names of holds by account, the newest last, and their books. */
export interface Known {
  readonly holds: ReadonlyMap<string, readonly string[]>;
  readonly books: ReadonlyMap<string, readonly Entry[]>;
}

/** Draws a call, without its key. */
export function drawCall(
  chance: Chance,
  { plain, holding, freezes, mix }: Accounts,
  { holds, books }: Known,
): Call {
  if (mix === 'all' && chance.happens(0.01)) {
    return { operation: 'deposit', account: SELDOM_THERE, amount: 1n };
  }
  const all = [...plain, ...holding] as [string, ...string[]];
  const account = chance.pick(all);
  if (freezes && chance.happens(0.06)) {
    return { operation: 'setStatus', account, ...drawStatus(chance) };
  }
  const amount = BigInt(chance.whole(1, 30));
  if (mix === 'transfers') {
    const others = all.filter((each) => each !== account) as [string, ...string[]];
    // Somebody soon deposits to an account that is not there yet.
    const isThere = books.get(account)?.some(({ changeMinor }) => changeMinor > 0n);
    return chance.happens(isThere ? 0.04 : 0.4)
      ? { operation: 'deposit', account, amount: 10n * amount }
      : { operation: 'transfer', account, amount, to: chance.pick(others) };
  }
  const dice = chance.next();
  if (dice < 0.35) {
    const isFilling = account === FULL && chance.happens(0.3);
    return { operation: 'deposit', account, amount: isFilling ? NEARLY_FULL_MINOR : amount };
  }
  const to = payeeOf(chance, account, all);
  if (!holding.includes(account)) {
    return to === undefined || dice < 0.65
      ? { operation: 'withdraw', account, amount }
      : { operation: 'transfer', account, amount, to };
  }
  if (dice < 0.45) {
    const refunded = drawRefunded(chance, holding, books.get(account) ?? []);
    const part = chance.happens(0.5) ? { amount } : {};
    if (refunded !== undefined) {
      return { operation: 'refund', account, call: refunded, ...part };
    }
  }
  const names = holds.get(account) ?? [];
  if (dice < 0.5) {
    return { operation: 'withdraw', account, amount };
  }
  if (dice < 0.6 && to !== undefined) {
    return { operation: 'transfer', account, amount, to };
  }
  if (dice < 0.75 || names.length === 0) {
    const expiresInSeconds = chance.happens(0.8) ? Math.ceil(chance.spread(1, 300)) : 7 * 24 * 3600;
    return { operation: 'hold', account, amount, expiresInSeconds };
  }
  const hold = chance.pick((chance.happens(0.8) ? names.slice(-3) : names) as [string, ...string[]]);
  if (dice < 0.83) {
    return { operation: 'void', account, hold };
  }
  const payee = chance.happens(0.4) ? to : undefined;
  // The checker has to know what an account gets that it follows.
  const isNamed = chance.happens(0.6) || (payee !== undefined && !holding.includes(payee));
  return {
    operation: 'capture',
    account,
    hold,
    final: chance.happens(0.5),
    ...(isNamed ? { amount } : {}),
    ...(payee === undefined ? {} : { to: payee }),
  };
}

/**
 * Draws an entry to refund, of any kind, but no credit of an account that the checker follows: it has to know what that gets. Most often
 * one of the last, so that several refund the same call.
 */
function drawRefunded(
  chance: Chance,
  holding: readonly string[],
  book: readonly Entry[],
): string | undefined {
  const ofOthers = ({ body }: Entry) =>
    body.kind === 'executed' && body.asked.operation === 'credit' && !holding.includes(body.asked.from);
  const entries = book.filter((entry) => !ofOthers(entry));
  const refundable = entries.filter(
    ({ body }) => body.kind === 'executed' && REFUNDABLE.has(body.asked.operation),
  );
  const some = chance.happens(0.9) ? refundable : entries;
  const among = chance.happens(0.7) ? some.slice(-3) : some;
  return among.length === 0 ? undefined : chance.pick(among as [Entry, ...Entry[]]).key;
}

const REFUNDABLE: ReadonlySet<string> = new Set(['withdraw', 'capture', 'credit']);

/** Opens more often than it freezes, so that most calls still find accounts open. */
function drawStatus(chance: Chance): Pick<Call, 'debits' | 'credits'> {
  const side = (): 'open' | 'frozen' => (chance.happens(0.3) ? 'frozen' : 'open');
  const [debits, credits] = [side(), side()];
  const which = chance.whole(1, 3);
  return { ...(which !== 1 ? { debits } : {}), ...(which !== 2 ? { credits } : {}) };
}

/** Everybody pays the first account, or the next one of a ring, or one that is seldom there. */
function payeeOf(chance: Chance, account: string, all: readonly [string, ...string[]]): string | undefined {
  const next = all[(all.indexOf(account) + 1) % all.length] ?? account;
  const to = chance.happens(0.1) ? SELDOM_THERE : chance.happens(0.5) ? all[0] : next;
  return to === account ? undefined : to;
}

/** Makes a call. Every way in which it can end is an outcome; any other error is a defect, and is thrown. */
export async function perform(client: BankClient, call: Call): Promise<CallOutcome> {
  try {
    const { balance } = await sent(client, call);
    return { kind: 'executed', balanceMinor: balance };
  } catch (error) {
    return answerFrom(error).outcome;
  }
}

function sent(client: BankClient, call: Call): Promise<{ readonly balance: bigint }> {
  const { operation, account, amount = 0n, to = '', hold = '', ...options } = call;
  switch (operation) {
    case 'deposit':
    case 'withdraw':
      return client[operation](account, amount, options);
    case 'transfer':
      return client.transfer(account, to, amount, options);
    case 'hold':
      return client.hold(account, amount, options);
    case 'capture': {
      const { operation: _, account: __, hold: ___, ...all } = call;
      return client.capture(account, hold, all);
    }
    case 'void':
      return client.void(account, hold, options);
    case 'refund': {
      const { operation: _, account: __, call: refunded = '', ...all } = call;
      return client.refund(account, refunded, all);
    }
    case 'setStatus':
      return client.setStatus(account, call, options);
  }
}

/** A call as a history has it. */
export function historyCallOf({
  operation,
  account,
  amount,
  to,
  hold,
  call,
  debits,
  credits,
  key,
}: Call): HistoryCall {
  return {
    operation,
    account,
    ...(amount === undefined ? {} : { amount }),
    ...(to === undefined ? {} : { to }),
    ...(hold === undefined ? {} : { hold }),
    ...(call === undefined ? {} : { call }),
    ...(debits === undefined ? {} : { debits }),
    ...(credits === undefined ? {} : { credits }),
    ...(key === undefined ? {} : { key }),
  };
}

/** A call with the members that a history has of it. */
export type HistoryCall = Pick<
  HistoryEvent,
  'operation' | 'account' | 'amount' | 'key' | 'to' | 'hold' | 'call' | 'debits' | 'credits'
>;
