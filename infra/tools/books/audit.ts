import type { Entry } from '../../../functions/bank/entry.ts';
import type { Attributes } from '../../../functions/dynamodb/attributes.ts';
import { type Book, textOf } from './books.ts';
import { BookCheck, startOf, turnedOf } from './check.ts';
import type { Verdict } from './verdict.ts';

/** Most reads of a head that is written meanwhile. A second read is rarely needed. */
const MAX_READS = 10;

export interface Listeners {
  readonly onPage?: (page: Attributes) => void;
  readonly onEntries?: (entries: readonly Entry[]) => Promise<void> | void;
}

/**
 * Checks a book, which may be in use. Pages below the `turned` of a head were written before it and never change, so faults in them and in
 * the head are certain. Only pages that the head does not count may be newer than the head. They are faults only if the head is unchanged
 * after they were read.
 *
 * `onPage` gets each page below `turned`, and `onEntries` gets all entries of the book, some at a time.
 */
export async function auditBook(
  book: Book,
  { onPage = () => {}, onEntries = () => {} }: Listeners = {},
): Promise<Verdict> {
  const check = new BookCheck(book.account);
  let { head } = book;
  for (let reads = 1; ; reads += 1) {
    const turned = turnedOf(head);
    const beyond: { first?: Attributes; count: number } = { count: 0 };
    for await (const page of book.pages(check.next)) {
      if (startOf(page) < turned) {
        await onEntries(check.addPage(page));
        onPage(page);
      } else {
        beyond.first ??= page;
        beyond.count += 1;
      }
    }
    const { verdict, entries } = check.verdict(head, beyond);
    const certain = verdict.faults.filter(({ code }) => code !== 'page_later');
    const again = certain.length === verdict.faults.length ? head : await book.readHead();
    const isSame = textOf(again) === textOf(head);
    if (isSame || reads === MAX_READS) {
      await onEntries(entries);
      return isSame ? verdict : { ...verdict, faults: certain };
    }
    head = again;
  }
}
