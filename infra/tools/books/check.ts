import * as v from 'valibot';
import { accountSchema } from '../../../client/contract/schemas.ts';
import { type Head, isPageOf, type Page } from '../../../functions/bank/book.ts';
import type { Entry } from '../../../functions/bank/entry.ts';
import { PROTOCOL_VERSION } from '../../../functions/bank/limits.ts';
import type { Attributes } from '../../../functions/dynamodb/attributes.ts';
import { ATTRIBUTES, decodeHead, decodePage } from '../../../functions/dynamodb/items.ts';
import { checkMarks, unreadMarks } from './marks.ts';
import { callOfRegister } from './refunds.ts';
import { checkStatus, OPEN } from './status.ts';
import { type AddFault, adderTo, type Fault, type Verdict } from './verdict.ts';
import { higher, type Place, Walk } from './walk.ts';

/**
 * Checks one book against the bank's promises. Give it the pages below the head's `turned`, oldest first, and then the head. It reports
 * each fault once: after a fault, the check continues from what the next page says.
 */
export class BookCheck {
  readonly #faults: Fault[] = [];
  readonly #account: string;
  readonly #walk: Walk;
  #place: Place = {
    sequence: 0,
    balanceMinor: 0n,
    heldMinor: 0n,
    highest: undefined,
    highestMinted: undefined,
    unread: 0,
    begun: new Map(),
    standing: OPEN,
    outsideMinor: 0n,
  };
  /** True if the page before is missing or cannot be read, so the check trusts the opening balance of the next one. */
  #lost = false;
  #moved = false;
  #pages = 0;
  #next = 0;

  constructor(account: string) {
    this.#account = account;
    this.#walk = new Walk(account);
  }

  /** Pages that start here or later were not added yet. */
  get next(): number {
    return this.#next;
  }

  /** Adds the next page, and returns its entries. Pages never change, so its faults stay true when the head changes. */
  addPage(item: Attributes): readonly Entry[] {
    const addFault = adderTo(this.#faults);
    const first = startOf(item) + 1;
    const name = `the page of entry ${first}`;
    this.#pages += 1;
    this.#next = first;
    const page = decode(item, decodePage, (why) => addFault('unreadable', `${name}: ${why}`));
    if (page === undefined) {
      this.#lost = true;
      return [];
    }
    if (page.entries.length === 0) {
      addFault('page_empty', `${name} is empty`);
    }
    const end = this.#walk.follow(this.#opening(page, addFault), page.entries, addFault);
    if (end.highest !== page.watermark) {
      addFault('watermark_wrong', `${name} has the watermark ${page.watermark}, not ${end.highest}`);
    }
    for (const entry of page.entries) {
      this.#walk.see(entry);
    }
    this.#moved ||= page.entries.some(({ changeMinor }) => changeMinor !== 0n);
    this.#place = end;
    return page.entries;
  }

  /**
   * Returns the verdict on the book with this head, and the entries in the head. `beyond` has the number of pages that start at its `turned`
   * or later, and the first of them. It may be called again with a later head.
   */
  verdict(
    item: Attributes | undefined,
    beyond: { first?: Attributes; count: number },
  ): { readonly verdict: Verdict; readonly entries: readonly Entry[] } {
    const faults = [...this.#faults];
    const addFault = adderTo(faults);
    if (!v.is(accountSchema, this.#account) && callOfRegister(this.#account) === undefined) {
      addFault('bad_name', 'no account can have this name');
    }
    const found = { pages: this.#pages, pagesBeyond: beyond.count, faults, notes: [] };
    const { highestMinted: highestKey, outsideMinor, sequence: entries } = this.#place;
    const nothing = { balanceMinor: undefined, heldMinor: 0n, highestKey, outsideMinor, entries };
    if (item === undefined) {
      addFault(
        'no_head',
        'there are pages, but no head. If pages were restored to a later moment than accounts, the account was opened in between: remove its pages. Otherwise its head is lost',
      );
      return { verdict: { ...found, ...nothing }, entries: [] };
    }
    const head = decode(item, decodeWholeHead, (why) => addFault('unreadable', `the head: ${why}`));
    if (head === undefined) {
      return { verdict: { ...found, ...nothing }, entries: [] };
    }
    const opening = this.#openingOfHead(head, addFault);
    const end = this.#walk.follow(opening, head.entries, addFault);
    this.#checkBalance(head, end, addFault);
    checkMarks(this.#account, item, end.begun, addFault);
    checkStatus(head, end.standing, addFault);
    const sequence = item[ATTRIBUTES.sequence]?.N;
    if (sequence !== String(end.sequence)) {
      addFault('sequence_wrong', `the head has the sequence ${sequence}, but ${end.sequence} entries`);
    }
    // Uses the sums of the book, because wrong sums of the head were reported above.
    const asBooked = {
      ...head,
      balanceMinor: end.balanceMinor,
      heldMinor: end.heldMinor,
      watermark: opening.highest,
    };
    if (beyond.count > 0 && !(beyond.count === 1 && isHalfTurned(beyond.first, asBooked))) {
      const later = `${beyond.count} pages from entry ${startOf(beyond.first ?? {}) + 1} on`;
      addFault('page_later', `${later} are later than the head, which ends with ${end.sequence}`);
    }
    const { balanceMinor, heldMinor } = head;
    const booked = { entries: end.sequence, highestKey: end.highestMinted, outsideMinor: end.outsideMinor };
    const verdict = { ...found, notes: notesOf(item, head, end), balanceMinor, heldMinor, ...booked };
    return { verdict, entries: head.entries };
  }

  /** The state of the book before a page. If the page and the entries before it differ, the page decides. */
  #opening({ start, openingMinor, openingHeldMinor, watermark }: Page, addFault: AddFault): Place {
    const { sequence, balanceMinor, heldMinor, highest } = this.#place;
    const said = { ...this.#place, sequence: start, balanceMinor: openingMinor, heldMinor: openingHeldMinor };
    const wasLost = this.#lost;
    this.#lost = false;
    if (wasLost || start > sequence) {
      if (!wasLost) {
        addFault('page_missing', `entries ${sequence + 1} to ${start} are on no page`);
      }
      this.#moved ||= openingMinor !== 0n;
      return { ...said, ...UNKNOWN, highest: higher(highest, watermark) };
    }
    if (start < sequence) {
      addFault(
        'page_overlaps',
        `a page begins with entry ${start + 1}, and the one before it ends with ${sequence}`,
      );
    } else if (openingMinor !== balanceMinor || openingHeldMinor !== heldMinor) {
      const opens = `the page of entry ${start + 1} opens with ${openingMinor} (held ${openingHeldMinor})`;
      addFault(
        'opening_wrong',
        `${opens}, and the entries before it come to ${balanceMinor} (held ${heldMinor})`,
      );
    }
    return { ...said, highest, ...(start < sequence ? UNKNOWN : {}) };
  }

  /** The state of the book before the head's entries. If pages are missing, the head decides. */
  #openingOfHead(
    { turned, watermark, balanceMinor = 0n, heldMinor, entries }: Head,
    addFault: AddFault,
  ): Place {
    const { sequence, highest } = this.#place;
    if (!this.#lost && sequence === turned) {
      if (watermark !== highest) {
        addFault(
          'watermark_wrong',
          `the head has the watermark ${watermark}, and the highest key on its pages is ${highest}`,
        );
      }
      return this.#place;
    }
    if (!this.#lost && sequence < turned) {
      addFault('last_page_missing', `entries ${sequence + 1} to ${turned} are on no page`);
    } else if (!this.#lost) {
      addFault(
        'page_overlaps',
        `the last page ends with entry ${sequence}, and the head begins after ${turned}`,
      );
    }
    return {
      ...this.#place,
      ...UNKNOWN,
      sequence: turned,
      balanceMinor: balanceMinor - sum(entries.map(({ changeMinor }) => changeMinor)),
      heldMinor: heldMinor - sum(entries.map(({ heldChangeMinor }) => heldChangeMinor)),
      highest: higher(watermark, highest),
    };
  }

  #checkBalance({ balanceMinor, heldMinor, entries }: Head, end: Place, addFault: AddFault): void {
    const moved = this.#moved || entries.some(({ changeMinor }) => changeMinor !== 0n);
    if (balanceMinor === undefined && moved) {
      addFault('balance_absent', `the head has no balance, and its book comes to ${end.balanceMinor}`);
    } else if (balanceMinor !== undefined && !moved && !this.#lost) {
      addFault('balance_wrong', `the balance is ${balanceMinor}, and nothing was ever deposited`);
    } else if ((balanceMinor ?? 0n) !== end.balanceMinor) {
      addFault('balance_wrong', `the balance is ${balanceMinor}, and the book comes to ${end.balanceMinor}`);
    }
    if (heldMinor !== end.heldMinor) {
      addFault('balance_wrong', `${heldMinor} is held, and the book comes to ${end.heldMinor}`);
    }
  }
}

/** The state that cannot be known if entries are missing. */
const UNKNOWN = { begun: undefined, standing: undefined };

/** Number of entries before a page, by its place in the table. */
export function startOf(page: Attributes): number {
  return Number(page[ATTRIBUTES.first]?.N) - 1;
}

/** Number of entries that have left a head; infinity without a head. */
export function turnedOf(head: Attributes | undefined): number {
  return Number(head === undefined ? Number.POSITIVE_INFINITY : (head[ATTRIBUTES.turned]?.N ?? 0));
}

/** Reads all entries at once. A head decodes its entries lazily, and would throw outside of {@link decode}. */
function decodeWholeHead(item: Attributes): Head {
  return { ...decodeHead(item) };
}

function decode<Decoded>(
  item: Attributes,
  read: (item: Attributes) => Decoded,
  fail: (why: string) => void,
): Decoded | undefined {
  try {
    return read(item);
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

const KNOWN: ReadonlySet<string> = new Set(Object.values(ATTRIBUTES));

function notesOf(item: Attributes, { needs }: Head, { unread }: Place): readonly string[] {
  const unknown = Object.keys(item).filter((name) => !KNOWN.has(name) && !name.startsWith('mark:'));
  const marks = unreadMarks(item);
  return [
    ...(unread > 0 ? [`${unread} entries are of kinds that this version does not know`] : []),
    ...(marks > 0 ? [`${marks} marks are of kinds that this version does not know`] : []),
    ...(needs > PROTOCOL_VERSION ? [`the head needs version ${needs} of the protocol`] : []),
    ...(unknown.length > 0
      ? [`the head has attributes that this version does not know: ${unknown.join(', ')}`]
      : []),
  ];
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, each) => total + each, 0n);
}
