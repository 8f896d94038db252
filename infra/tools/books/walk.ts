import type { Entry } from '../../../functions/bank/entry.ts';
import type { Mark } from '../../../functions/bank/mark.ts';
import { type Begun, changeMarks } from './marks.ts';
import { belongsTo, KEY, refundableOf, refundedBy } from './refunds.ts';
import { frozenSideOf, type Standing, standingAfter } from './status.ts';
import type { AddFault } from './verdict.ts';

/** The state of a book after an entry. */
export interface Place {
  readonly sequence: number;
  readonly balanceMinor: bigint;
  readonly heldMinor: bigint;
  readonly highest: string | undefined;
  /** The highest of the keys that callers minted. */
  readonly highestMinted: string | undefined;
  /** Number of entries so far whose kind this version does not know. */
  readonly unread: number;
  /** Undefined if it is unknown, because entries are missing or this version does not know their kind. */
  readonly begun: Begun | undefined;
  /** Undefined as `begun`. */
  readonly standing: Standing | undefined;
  /** What came into the bank by deposits, less what withdrawals and captures took out of it. */
  readonly outsideMinor: bigint;
}

/**
 * Follows the entries of one book. It keeps the key of every entry in memory, to find one that is there twice: some GB for an account of 30
 * million entries.
 */
export class Walk {
  readonly #account: string;
  /** Keys seen and what may be refunded of them, by the hours of their minting, because a map has at most 2^24 members. */
  readonly #keys = new Map<string, Map<string, string>>();

  constructor(account: string) {
    this.#account = account;
  }

  /** Follows entries in their order. */
  follow(from: Place, entries: readonly Entry[], addFault: AddFault): Place {
    const here = new Map<string, string>();
    const marks = new Map<string, Mark>(from.begun);
    let place = from;
    for (const entry of entries) {
      const { key, changeMinor, heldChangeMinor, body } = entry;
      const wasNegative = isNegative(place);
      const { standing } = place;
      const frozen = standing && frozenSideOf(body, standing);
      place = {
        sequence: place.sequence + 1,
        balanceMinor: place.balanceMinor + changeMinor,
        heldMinor: place.heldMinor + heldChangeMinor,
        highest: higher(place.highest, key),
        highestMinted: MINTED.test(key) ? higher(place.highestMinted, key) : place.highestMinted,
        unread: place.unread + (body.kind === 'unknown_kind' ? 1 : 0),
        begun: place.begun === undefined || body.kind === 'unknown_kind' ? undefined : marks,
        standing:
          standing === undefined || body.kind === 'unknown_kind' ? undefined : standingAfter(body, standing),
        outsideMinor: place.outsideMinor + (isOutside(body) ? changeMinor + heldChangeMinor : 0n),
      };
      const name = `entry ${place.sequence}`;
      const report: AddFault = (code, what) => addFault(code, `${name} ${what}`);
      if (isNegative(place) && !wasNegative) {
        report('negative', `leaves ${place.balanceMinor} (held ${place.heldMinor})`);
      }
      if (here.has(key) || this.#refundableOf(key) !== undefined) {
        report('key_twice', `has the key ${key}, which an earlier entry has too`);
      }
      const refunded = place.begun && refundedBy(entry);
      const refundable = refunded && (here.get(refunded.call) ?? this.#refundableOf(refunded.call));
      if (refunded !== undefined && refunded.said !== refundable) {
        const has = refundable || 'nothing that can be refunded';
        const what = `refunds ${refunded.said} of ${refunded.call}, but the entries before it have ${has}`;
        report('refund_wrong', what);
      }
      if (isAboveCall(entry, place)) {
        report('refund_wrong', `leaves ${place.balanceMinor}, which is more than its call moved`);
      }
      here.set(key, refundableOf(entry));
      if (place.begun !== undefined && !changeMarks(this.#account, marks, entry)) {
        const what =
          'ends a transfer, refund or hold that the book did not begin, or began with other values';
        report('end_wrong', what);
      }
      if (frozen !== undefined) {
        report('frozen_moved', `moves ${changeMinor}, although ${frozen} were frozen`);
      }
      if (!KEY.test(key)) {
        report('entry_wrong', `has an invalid key: ${key}`);
      }
      if (!belongsTo(this.#account, entry)) {
        report('entry_wrong', 'is of a kind that this book cannot have');
      }
      if (!isEffect(entry)) {
        report('entry_wrong', `moves ${changeMinor} (held ${heldChangeMinor}), which its call does not`);
      }
    }
    return place;
  }

  /** Remembers an entry that is on a page. A head may be followed again, so its entries are not remembered. */
  see(entry: Entry): void {
    const { key } = entry;
    const hours = key.slice(0, HOURS);
    const keys = this.#keys.get(hours) ?? new Map();
    this.#keys.set(hours, keys.set(key, refundableOf(entry)));
  }

  /** What may be refunded of a key that was seen; undefined for one that was not. */
  #refundableOf(key: string): string | undefined {
    return this.#keys.get(key.slice(0, HOURS))?.get(key);
  }
}

/** A UUIDv7. The bank makes UUIDv8s. */
const MINTED = /^.{14}7/;

/** Digits of a key that change every 4.7 hours. */
const HOURS = 6;

function isNegative({ balanceMinor, heldMinor }: Place): boolean {
  return balanceMinor < 0n || heldMinor < 0n;
}

/** True for a reservation after which a register counts more than its call moved. */
function isAboveCall({ body }: Entry, { balanceMinor }: Place): boolean {
  return body.kind === 'executed' && body.asked.operation === 'reserve' && balanceMinor > body.asked.ofMinor;
}

/** True if an entry moves money into the bank or out of it. */
function isOutside(body: Entry['body']): boolean {
  if (body.kind === 'refunded') {
    return body.to === undefined;
  }
  if (body.kind !== 'executed') {
    return body.kind === 'unknown_kind';
  }
  const { asked } = body;
  return (
    asked.operation === 'deposit' ||
    asked.operation === 'withdraw' ||
    (asked.operation === 'capture' && asked.to === undefined)
  );
}

/** True when an entry moves what its call moves. */
function isEffect({ changeMinor, heldChangeMinor, body }: Entry): boolean {
  const isReleased = changeMinor >= 0n && heldChangeMinor === -changeMinor;
  switch (body.kind) {
    case 'unknown_kind':
      return true;
    case 'refused':
    case 'cancelled':
      return changeMinor === 0n && heldChangeMinor === 0n;
    case 'settled':
      return changeMinor === 0n && heldChangeMinor < 0n;
    case 'refunded':
      // What it moves follows from its mark.
      return changeMinor >= 0n && heldChangeMinor <= 0n;
    case 'returned':
    case 'expired':
      return isReleased && changeMinor > 0n;
    case 'executed':
      return isEffectOf(body, changeMinor, heldChangeMinor, isReleased);
  }
}

function isEffectOf(
  { asked, capturedMinor = 0n, terms }: Extract<Entry['body'], { kind: 'executed' }>,
  changeMinor: bigint,
  heldChangeMinor: bigint,
  isReleased: boolean,
): boolean {
  switch (asked.operation) {
    case 'deposit':
    case 'credit':
      return changeMinor > 0n && heldChangeMinor === 0n;
    case 'withdraw':
      return changeMinor < 0n && heldChangeMinor === 0n;
    case 'transfer':
    case 'hold':
      return changeMinor < 0n && heldChangeMinor === -changeMinor;
    case 'capture':
      // Captured money leaves the bank, or stays held for a transfer.
      return asked.to === undefined
        ? changeMinor >= 0n && heldChangeMinor === -changeMinor - capturedMinor
        : isReleased;
    case 'void':
      return isReleased && changeMinor > 0n;
    case 'refund':
      return (
        heldChangeMinor === -changeMinor &&
        changeMinor === (terms?.to === undefined ? 0n : -terms.amountMinor)
      );
    case 'reserve':
      return (
        heldChangeMinor === 0n &&
        (asked.mayTakeLess
          ? changeMinor > 0n && changeMinor <= asked.amountMinor
          : changeMinor === asked.amountMinor)
      );
    case 'unreserve':
      return changeMinor < 0n && heldChangeMinor === 0n;
    case 'setStatus':
      return changeMinor === 0n && heldChangeMinor === 0n;
  }
}

/** The higher of two keys. If only one is defined, that one. */
export function higher(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }
  return one > other ? one : other;
}
