import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { type Book, textOf } from '../recover/books.ts';
import { BookCheck, startOf, turnedOf, type Verdict } from './check.ts';

/** Times that a head is read again because it was written meanwhile. Hardly any needs a second one. */
const MAX_READS = 10;

/**
 * Checks a book, which may be in use. Pages below the `turned` of a head are there and never change, so they are judged
 * once; what depends on the head is asked again, where it is wrong and the head is not what it was any more.
 *
 * `onPage` hears each page below `turned`.
 */
export async function auditBook(book: Book, onPage: (page: Attributes) => void = () => {}): Promise<Verdict> {
  const check = new BookCheck();
  let { head } = book;
  for (let reads = 1; ; reads += 1) {
    const turned = turnedOf(head);
    const beyond: { first?: Attributes; count: number } = { count: 0 };
    for await (const page of book.pages(check.next)) {
      if (startOf(page) < turned) {
        check.addPage(page);
        onPage(page);
      } else {
        beyond.first ??= page;
        beyond.count += 1;
      }
    }
    const verdict = check.verdict(book.account, head, beyond);
    if (verdict.faults.length === 0 || reads === MAX_READS) return verdict;
    const again = await book.readHead();
    if (textOf(again) === textOf(head)) return verdict;
    head = again;
  }
}
