import * as v from 'valibot';
import { accountSchema } from '../../client/contract.ts';
import { type Head, isPageOf, type Page } from '../../functions/bank/book.ts';
import { OPERATIONS } from '../../functions/bank/decide.ts';
import type { Entry } from '../../functions/bank/entry.ts';
import { PROTOCOL_VERSION } from '../../functions/bank/limits.ts';
import { type Attributes, fromAttributes } from '../../functions/dynamodb/attributes.ts';
import { ATTRIBUTES, decodeHead, decodePage } from '../../functions/dynamodb/items.ts';

export type FaultCode =
  | 'bad_name'
  | 'balance_absent'
  | 'balance_wrong'
  | 'entry_wrong'
  | 'key_twice'
  | 'negative'
  | 'no_head'
  | 'opening_wrong'
  | 'page_empty'
  /** The newest entries that have left the head are on no page: lost, or the pages are of an earlier moment. */
  | 'last_page_missing'
  | 'page_missing'
  /** A page that the head does not count, and that does not hold its oldest entries: the pages are of a later moment. */
  | 'page_later'
  | 'page_overlaps'
  | 'sequence_wrong'
  | 'unreadable'
  | 'watermark_wrong';

/** Something that this bank cannot have written, or that makes its book wrong. */
export interface Fault {
  readonly code: FaultCode;
  readonly says: string;
}

/** What was found of one book. */
export interface Verdict {
  readonly entries: number;
  readonly pages: number;
  /** Pages that the head does not count (yet): one that is half turned, or later ones. */
  readonly pagesBeyond: number;
  readonly balanceMinor: bigint | undefined;
  readonly heldMinor: bigint;
  readonly highestKey: string | undefined;
  readonly faults: readonly Fault[];
  /** What this version of the bank cannot judge. */
  readonly notes: readonly string[];
}

/** Where a book stands after an entry. */
interface Place {
  readonly sequence: number;
  readonly balanceMinor: bigint;
  readonly heldMinor: bigint;
  readonly highest: string | undefined;
  /** Entries so far of kinds that this version of the bank does not know. */
  readonly unread: number;
}

/** Faults of one book that are told: one that is all wrong must not fill the memory. */
const MAX_FAULTS = 100;

type Tell = (code: FaultCode, says: string) => void;

/**
 * Holds one book against what the bank promises of it. It is told the pages below the head's `turned`, oldest first, and
 * then the head. What is wrong is told once: the check goes on from what the next page says of itself.
 */
export class BookCheck {
  readonly #faults: Fault[] = [];
  /** Keys seen, by the hours of their minting, because a set has at most 2^24 members. */
  readonly #keys = new Map<string, Set<string>>();
  #place: Place = { sequence: 0, balanceMinor: 0n, heldMinor: 0n, highest: undefined, unread: 0 };
  /** True when pages cannot be read or are missing, and the next one is taken at its word. */
  #lost = false;
  #moved = false;
  #pages = 0;
  #next = 0;

  /** Pages that start here or later were not added yet. */
  get next(): number {
    return this.#next;
  }

  /** Adds the next page. Pages never change, so what is found of it stays true, whatever becomes of the head. */
  addPage(item: Attributes): void {
    const tell = into(this.#faults);
    const first = startOf(item) + 1;
    this.#pages += 1;
    this.#next = first;
    const page = decode(item, decodePage, (why) => tell('unreadable', `the page of entry ${first}: ${why}`));
    if (page === undefined) {
      this.#lost = true;
      return;
    }
    if (page.entries.length === 0) tell('page_empty', `the page of entry ${first} is empty`);
    const end = this.#follow(this.#opening(page, tell), page.entries, tell);
    if (end.highest !== page.watermark) {
      tell(
        'watermark_wrong',
        `the page of entry ${first} has the watermark ${page.watermark}, not ${end.highest}`,
      );
    }
    for (const { key } of page.entries) this.#see(key);
    this.#moved ||= page.entries.some(({ changeMinor }) => changeMinor !== 0n);
    this.#place = end;
  }

  /**
   * Says what is found of the book with this head, the first of the pages that start at its `turned` or later, and the
   * number of these. It may be asked again, with a later head.
   */
  verdict(
    account: string,
    item: Attributes | undefined,
    beyond: { first?: Attributes; count: number },
  ): Verdict {
    const faults = [...this.#faults];
    const tell = into(faults);
    if (!v.is(accountSchema, account)) tell('bad_name', 'no account can have this name');
    const found = { pages: this.#pages, pagesBeyond: beyond.count, faults, notes: [] };
    const nothing = { balanceMinor: undefined, heldMinor: 0n, highestKey: this.#place.highest };
    if (item === undefined) {
      tell('no_head', 'there are pages, and no head');
      return { ...found, ...nothing, entries: this.#place.sequence };
    }
    const head = decode(item, decodeHead, (why) => tell('unreadable', `the head: ${why}`));
    if (head === undefined) return { ...found, ...nothing, entries: this.#place.sequence };
    const opening = this.#openingOfHead(head, tell);
    const end = this.#follow(opening, head.entries, tell);
    this.#checkBalance(head, end, tell);
    const sequence = item[ATTRIBUTES.sequence]?.N;
    if (sequence !== String(end.sequence)) {
      tell('sequence_wrong', `the head has the sequence ${sequence}, and ${end.sequence} entries`);
    }
    // As the book has it: what the head says wrongly of its sums was told above.
    const asBooked = {
      ...head,
      balanceMinor: end.balanceMinor,
      heldMinor: end.heldMinor,
      watermark: opening.highest,
    };
    if (beyond.count > 0 && !(beyond.count === 1 && isHalfTurned(beyond.first, asBooked))) {
      const from = `from entry ${startOf(beyond.first ?? {}) + 1} on`;
      tell(
        'page_later',
        `${beyond.count} pages ${from} are later than the head, which ends with ${end.sequence}`,
      );
    }
    const { balanceMinor, heldMinor } = head;
    const notes = notesOf(item, head, end);
    return { ...found, notes, balanceMinor, heldMinor, entries: end.sequence, highestKey: end.highest };
  }

  /** Where the book stands before a page, as the page says it where that differs. */
  #opening({ start, openingMinor, openingHeldMinor, watermark }: Page, tell: Tell): Place {
    const { sequence, balanceMinor, heldMinor, highest, unread } = this.#place;
    const said = { sequence: start, balanceMinor: openingMinor, heldMinor: openingHeldMinor, unread };
    const wasLost = this.#lost;
    this.#lost = false;
    if (wasLost || start > sequence) {
      if (!wasLost) tell('page_missing', `entries ${sequence + 1} to ${start} are on no page`);
      this.#moved ||= openingMinor !== 0n;
      return { ...said, highest: higher(highest, watermark) };
    }
    if (start < sequence) {
      tell(
        'page_overlaps',
        `a page begins with entry ${start + 1}, and the one before it ends with ${sequence}`,
      );
    } else if (openingMinor !== balanceMinor || openingHeldMinor !== heldMinor) {
      const opens = `the page of entry ${start + 1} opens with ${openingMinor} (held ${openingHeldMinor})`;
      tell(
        'opening_wrong',
        `${opens}, and the entries before it come to ${balanceMinor} (held ${heldMinor})`,
      );
    }
    return { ...said, highest };
  }

  /** Where the book stands before the head's entries, as the head says it where pages cannot tell. */
  #openingOfHead({ turned, watermark, balanceMinor = 0n, heldMinor, entries }: Head, tell: Tell): Place {
    const { sequence, highest, unread } = this.#place;
    if (!this.#lost && sequence === turned) {
      if (watermark !== highest) {
        tell(
          'watermark_wrong',
          `the head has the watermark ${watermark}, and the highest key on its pages is ${highest}`,
        );
      }
      return this.#place;
    }
    if (!this.#lost && sequence < turned) {
      tell('last_page_missing', `entries ${sequence + 1} to ${turned} are on no page`);
    }
    if (!this.#lost && sequence > turned) {
      tell('page_overlaps', `the last page ends with entry ${sequence}, and the head begins after ${turned}`);
    }
    return {
      sequence: turned,
      balanceMinor: balanceMinor - sum(entries.map(({ changeMinor }) => changeMinor)),
      heldMinor: heldMinor - sum(entries.map(({ heldChangeMinor }) => heldChangeMinor)),
      highest: higher(watermark, highest),
      unread,
    };
  }

  #checkBalance({ balanceMinor, heldMinor, entries }: Head, end: Place, tell: Tell): void {
    const moved = this.#moved || entries.some(({ changeMinor }) => changeMinor !== 0n);
    if (balanceMinor === undefined && moved) {
      tell('balance_absent', `the head has no balance, and its book comes to ${end.balanceMinor}`);
    } else if (balanceMinor !== undefined && !moved && !this.#lost) {
      tell('balance_wrong', `the balance is ${balanceMinor}, and nothing was ever deposited`);
    } else if ((balanceMinor ?? 0n) !== end.balanceMinor) {
      tell('balance_wrong', `the balance is ${balanceMinor}, and the book comes to ${end.balanceMinor}`);
    }
    if (heldMinor !== end.heldMinor) {
      tell('balance_wrong', `${heldMinor} is held, and the book comes to ${end.heldMinor}`);
    }
  }

  /** Goes through entries that come one after another. */
  #follow(from: Place, entries: readonly Entry[], tell: Tell): Place {
    const here = new Set<string>();
    let place = from;
    for (const entry of entries) {
      const { key, changeMinor, heldChangeMinor, body } = entry;
      const wasNegative = isNegative(place);
      place = {
        sequence: place.sequence + 1,
        balanceMinor: place.balanceMinor + changeMinor,
        heldMinor: place.heldMinor + heldChangeMinor,
        highest: higher(place.highest, key),
        unread: place.unread + (body.kind === 'unread' ? 1 : 0),
      };
      const name = `entry ${place.sequence}`;
      if (isNegative(place) && !wasNegative) {
        tell('negative', `${name} leaves ${place.balanceMinor} (held ${place.heldMinor})`);
      }
      if (here.has(key) || this.#hasSeen(key))
        tell('key_twice', `${name} has the key ${key}, as one before it`);
      here.add(key);
      if (!KEY.test(key)) tell('entry_wrong', `${name} has the key ${key}, which is none`);
      if (!isEffect(entry))
        tell(
          'entry_wrong',
          `${name} moves ${changeMinor} (held ${heldChangeMinor}) for a call that does not`,
        );
    }
    return place;
  }

  #see(key: string): void {
    const hours = key.slice(0, HOURS);
    const keys = this.#keys.get(hours) ?? new Set();
    this.#keys.set(hours, keys.add(key));
  }

  #hasSeen(key: string): boolean {
    return this.#keys.get(key.slice(0, HOURS))?.has(key) ?? false;
  }
}

const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Digits of a key that change every 4.7 hours. */
const HOURS = 6;

function into(faults: Fault[]): Tell {
  return (code, says) => {
    if (faults.length < MAX_FAULTS) faults.push({ code, says });
  };
}

function isNegative({ balanceMinor, heldMinor }: Place): boolean {
  return balanceMinor < 0n || heldMinor < 0n;
}

/** Number of entries before a page, by its place in the table. */
export function startOf(page: Attributes): number {
  return Number(page[ATTRIBUTES.first]?.N) - 1;
}

/** Number of entries that have left a head; all that there are where it cannot be read. */
export function turnedOf(head: Attributes | undefined): number {
  return Number(head === undefined ? Number.POSITIVE_INFINITY : (head[ATTRIBUTES.turned]?.N ?? 0));
}

function decode<Decoded>(
  item: Attributes,
  read: (item: Readonly<Record<string, unknown>>) => Decoded,
  fail: (why: string) => void,
): Decoded | undefined {
  try {
    return read(fromAttributes(item));
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** True for a page that was written and whose entries have not been taken off the head yet. */
function isHalfTurned(item: Attributes | undefined, head: Head): boolean {
  const page = item && decode(item, decodePage, () => {});
  return page !== undefined && page.entries.length > 0 && isPageOf(page, head);
}

/** True when an entry moves what its call moves. */
function isEffect({ changeMinor, heldChangeMinor, body }: Entry): boolean {
  if (body.kind === 'unread') return true;
  if (body.kind !== 'executed') return changeMinor === 0n && heldChangeMinor === 0n;
  const effect = OPERATIONS[body.asked.operation](body.asked);
  return (
    body.asked.amountMinor > 0n &&
    changeMinor === effect.changeMinor &&
    heldChangeMinor === effect.heldChangeMinor
  );
}

const KNOWN: ReadonlySet<string> = new Set(Object.values(ATTRIBUTES));

function notesOf(item: Attributes, { needs }: Head, { unread }: Place): readonly string[] {
  const unknown = Object.keys(item).filter((name) => !KNOWN.has(name));
  return [
    ...(unread > 0 ? [`${unread} entries are of kinds that this version does not know`] : []),
    ...(needs > PROTOCOL_VERSION ? [`the head needs version ${needs} of the protocol`] : []),
    ...(unknown.length > 0
      ? [`the head has attributes that this version does not know: ${unknown.join(', ')}`]
      : []),
  ];
}

function higher(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, each) => total + each, 0n);
}
