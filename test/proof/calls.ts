import { MAX_AMOUNT_MINOR } from '../../client/contract/schemas.ts';
import type { Side } from '../../client/index.ts';
import type { LoadMove } from '../../client/load/call.ts';
import type { Chance } from './chance.ts';

/** A call, as a program stores it beside its key. A refund without an amount is one of all that is left. */
export type Call =
  | Exclude<LoadMove, { kind: 'refund' }>
  | (Omit<Extract<LoadMove, { kind: 'refund' }>, 'amountMinor'> & { readonly amountMinor?: bigint });

/** What callers ask for: everything, or transfers among ten accounts. */
export const MIXES = ['all', 'transfers'] as const;
export type Mix = (typeof MIXES)[number];

/** The accounts of a run. */
export interface Accounts {
  /** Those without holds and refunds: the checker follows them (I5). */
  readonly plain: readonly [string, ...string[]];
  readonly holding: readonly string[];
  /** One that is paid more often than it is deposited to, so that many transfers find no destination. */
  readonly seldomThere: string;
  /** True where operators freeze and open accounts. */
  readonly freezes: boolean;
  readonly mix: Mix;
}

/** An account that is nearly full. */
export const FULL = 'rex';
const NEARLY_FULL_MINOR = MAX_AMOUNT_MINOR - 40n;

/** Accounts of a run that is all transfers. */
export const TEN = Array.from({ length: 10 }, (_, index) => `pays-${index + 1}`) as [string, ...string[]];

/** What callers know of an account. */
interface Known {
  /** Keys of holds that were made on it, the newest last. Some of them have ended. */
  readonly holds: readonly string[];
  /** True where it has money, as far as callers know. */
  readonly isThere: boolean;
  /** Draws the key of a call that may be refunded. */
  readonly drawRefunded: () => string | undefined;
}

/** Draws a call, without its key. */
export function drawCall(
  chance: Chance,
  { plain, holding, seldomThere, freezes, mix }: Accounts,
  knownOf: (account: string) => Known,
): Call {
  if (mix === 'all' && chance.happens(0.01)) {
    return { kind: 'deposit', account: seldomThere, amountMinor: 1n };
  }
  const all = [...plain, ...holding] as [string, ...string[]];
  const account = chance.pick(all);
  if (freezes && chance.happens(0.06)) {
    return { kind: 'setStatus', account, ...drawStatus(chance) };
  }
  const amountMinor = BigInt(chance.whole(1, 30));
  if (mix === 'transfers') {
    const others = all.filter((each) => each !== account) as [string, ...string[]];
    // An account that does not exist yet gets a deposit soon.
    return chance.happens(knownOf(account).isThere ? 0.04 : 0.4)
      ? { kind: 'deposit', account, amountMinor: 10n * amountMinor }
      : { kind: 'transfer', account, amountMinor, to: chance.pick(others) };
  }
  const dice = chance.next();
  if (dice < 0.35) {
    const isFilling = account === FULL && chance.happens(0.3);
    return { kind: 'deposit', account, amountMinor: isFilling ? NEARLY_FULL_MINOR : amountMinor };
  }
  const to = payeeOf(chance, account, all, seldomThere);
  if (!holding.includes(account)) {
    return to === undefined || dice < 0.65
      ? { kind: 'withdraw', account, amountMinor }
      : { kind: 'transfer', account, amountMinor, to };
  }
  const { holds: names, drawRefunded } = knownOf(account);
  if (dice < 0.45) {
    const refunded = drawRefunded();
    const part = chance.happens(0.5) ? { amountMinor } : {};
    if (refunded !== undefined) {
      return { kind: 'refund', account, call: refunded, ...part };
    }
  }
  if (dice < 0.5) {
    return { kind: 'withdraw', account, amountMinor };
  }
  if (dice < 0.6 && to !== undefined) {
    return { kind: 'transfer', account, amountMinor, to };
  }
  if (dice < 0.75 || names.length === 0) {
    const expiresInSeconds = chance.happens(0.8) ? Math.ceil(chance.spread(1, 300)) : 7 * 24 * 3600;
    return { kind: 'hold', account, amountMinor, expiresInSeconds };
  }
  const hold = chance.pick((chance.happens(0.8) ? names.slice(-3) : names) as [string, ...string[]]);
  if (dice < 0.83) {
    return { kind: 'void', account, hold };
  }
  const payee = chance.happens(0.4) ? to : undefined;
  // The checker has to know what is paid to an account that it follows.
  const isNamed = chance.happens(0.6) || (payee !== undefined && !holding.includes(payee));
  return {
    kind: 'capture',
    account,
    hold,
    final: chance.happens(0.5),
    ...(isNamed ? { amountMinor } : {}),
    ...(payee === undefined ? {} : { to: payee }),
  };
}

/** Opens more often than it freezes, so that most accounts are open. */
function drawStatus(chance: Chance): { readonly debits?: Side; readonly credits?: Side } {
  const side = (): Side => (chance.happens(0.3) ? 'frozen' : 'open');
  const [debits, credits] = [side(), side()];
  const which = chance.whole(1, 3);
  return { ...(which !== 1 ? { debits } : {}), ...(which !== 2 ? { credits } : {}) };
}

/** Everybody pays the first account, or the next one of a ring, or one that is seldom there. */
function payeeOf(
  chance: Chance,
  account: string,
  all: readonly [string, ...string[]],
  seldomThere: string,
): string | undefined {
  const next = all[(all.indexOf(account) + 1) % all.length] ?? account;
  const to = chance.happens(0.1) ? seldomThere : chance.happens(0.5) ? all[0] : next;
  return to === account ? undefined : to;
}
