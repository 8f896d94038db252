import { MAX_EXPIRES_IN_SECONDS } from '../../../client/contract/formats.ts';
import { SOON_SECONDS } from '../../../client/load/money.ts';
import { type Accounts, drawCall, type Mix, TEN } from '../calls.ts';
import { Chance } from '../chance.ts';
import type { ChaosLedger, Known } from './ledger.ts';
import type { CallerRequest, NewCall } from './messages.ts';

/** What a caller asks next: a new call, a balance, or a retry or cancellation of an earlier call, which is `known`. */
export interface Question {
  readonly asked: CallerRequest | NewCall;
  readonly known?: Known;
}

/** The calls of all callers that a caller may ask about. */
export type Made = Pick<ChaosLedger, 'unknown' | 'answered' | 'holds' | 'refundable'>;

/** How often a caller asks about an earlier call, and for a balance. */
const SHARES = { all: { before: 0.16, balance: 0.2 }, transfers: { before: 0.06, balance: 0 } } as const;
const WITH_REFERENCE = 0.2;
/** Calls of one caller before it goes on with other accounts, so that the checker can search the history of each. */
const CALLS_PER_GENERATION = 60;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Ages of stored keys: below the watermark of a busy account, near their end, and past it. */
const AGES_MS = [16 * MINUTE_MS, 16 * MINUTE_MS, 29 * DAY_MS, 31 * DAY_MS] as const;
/** One in this many callers lets its client mint the keys, and so has no stored ones. */
const MINTS_EVERY = 4;

/** True for a caller whose client mints its keys. */
export function letsMint(caller: number): boolean {
  return caller % MINTS_EVERY === MINTS_EVERY - 1;
}

/**
 * The endless script of one caller. The same seed and number give the same calls. Which earlier call a retry or a refund is about
 * depends on the calls made by then.
 */
export function openScript(
  seed: number,
  { caller, client, mix }: { readonly caller: number; readonly client: number; readonly mix: Mix },
): (made: Made) => Question {
  const ofCaller = new Chance(seed ^ Math.imul(caller + 1, 0x9e3779b9));
  let count = 0;
  return (made) => {
    // Each question has its own chance: how much it draws depends on the calls made by then.
    const chance = ofCaller.fork();
    const perGeneration = mix === 'all' ? CALLS_PER_GENERATION : Number.POSITIVE_INFINITY;
    const accounts = accountsOf(caller, 1 + Math.floor(count / perGeneration), mix);
    const empty = accounts.funded[count % perGeneration];
    count += 1;
    if (empty !== undefined) {
      const amountMinor = BigInt(chance.whole(1, 100));
      return { asked: { kind: 'deposit', account: empty, amountMinor, keyAgeMs: 0 } };
    }
    const dice = chance.next();
    const { before, balance } = SHARES[mix];
    const question = dice < before ? questionBefore(chance, client, made) : undefined;
    if (question !== undefined) {
      return question;
    }
    if (dice < before + balance) {
      return { asked: { kind: 'balance', account: chance.pick(accounts.plain) } };
    }
    return { asked: newCall(chance, accounts, made, letsMint(caller)) };
  };
}

/** Retries or cancels a call whose outcome is unknown, or retries an answered one. Undefined if there is none. */
function questionBefore(chance: Chance, client: number, made: Made): Question | undefined {
  const isAnswered = chance.happens(0.25);
  const all = isAnswered ? made.answered : made.unknown;
  const isOwn = chance.happens(0.4);
  const preferred = all.filter(({ owner }) => (owner === client) === isOwn);
  const some = preferred.length > 0 ? preferred : all;
  const isCancel = !isAnswered && chance.happens(0.4);
  if (some.length === 0) {
    return undefined;
  }
  const known = chance.pick(some as [Known, ...Known[]]);
  const { move } = known;
  return { asked: isCancel ? { kind: 'cancel', move } : move, known };
}

function newCall(
  chance: Chance,
  accounts: CallerAccounts,
  { holds, refundable }: Made,
  isMinted: boolean,
): NewCall {
  const reference = chance.happens(WITH_REFERENCE) ? { reference: `order-${chance.whole(1, 100)}` } : {};
  const ageMs = chance.pick([0, ...AGES_MS]);
  const drawn = drawCall(chance, accounts, (of) => {
    const refunded = refundable.filter(({ account }) => account === of).map((each) => each.call);
    return {
      holds: holds.flatMap(({ account, hold }) => (account === of ? [hold] : [])),
      isThere: true,
      drawRefunded: () =>
        refunded.length === 0 ? undefined : chance.pick(refunded as [string, ...string[]]),
    };
  });
  // The inspection waits for holds that expire soon, and takes all others for open.
  const call =
    drawn.kind === 'hold' && (drawn.expiresInSeconds ?? 0) > SOON_SECONDS
      ? { ...drawn, expiresInSeconds: MAX_EXPIRES_IN_SECONDS }
      : drawn;
  const keyAgeMs = accounts.aged.includes(call.account) && !isMinted ? ageMs : 0;
  if (call.kind !== 'refund') {
    return { ...call, ...reference, keyAgeMs };
  }
  // The ledger has to know the amount.
  const allMinor = refundable.find((each) => each.call === call.call)?.amountMinor ?? 0n;
  return { ...call, amountMinor: call.amountMinor ?? allMinor, ...reference, keyAgeMs };
}

interface CallerAccounts extends Accounts {
  /** Those that the first calls of the caller put money into. */
  readonly funded: readonly string[];
  /** Those on which the caller uses stored keys. */
  readonly aged: readonly string[];
}

/** Accounts that all callers share, and the caller's own. Holds and refunds have other accounts, which the checker leaves out. */
function accountsOf(caller: number, generation: number, mix: Mix): CallerAccounts {
  const common = { freezes: true, mix };
  if (mix === 'transfers') {
    return { ...common, plain: TEN, holding: [], seldomThere: '', funded: TEN, aged: [] };
  }
  const named = (...names: readonly string[]) => names.map((name) => `${name}.${generation}`);
  const own = `own-${caller + 1}`;
  const shared = ['hot-1', 'hot-2', 'hot-3', 'held-1', 'held-2'] as const;
  return {
    ...common,
    plain: named('hot-1', 'hot-2', 'hot-3', own) as [string, ...string[]],
    holding: named('held-1', 'held-2'),
    seldomThere: `seldom.${generation}`,
    // Other callers fund the other accounts. If each caller funded all of them, a short run on a busy machine would make nothing but
    // deposits.
    funded: named(own, shared[caller % shared.length] ?? own),
    aged: named('hot-3', ...(caller % 2 === 1 ? [own] : [])),
  };
}
