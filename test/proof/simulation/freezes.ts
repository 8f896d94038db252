import type { Head } from '../../../functions/bank/book.ts';
import type { Entry } from '../../../functions/bank/entry.ts';
import {
  checkStatus,
  frozenSideOf,
  OPEN,
  SIDES,
  type Standing,
  standingAfter,
} from '../../../infra/tools/books/status.ts';

/** Follows which accounts are frozen from entry to entry (I11): the order of the book decides. */
export class Freezes {
  readonly #standings = new Map<string, Standing>();

  /** Takes an entry that was appended, with the head as it is after it. Returns what is wrong. */
  follow(account: string, { key, body }: Entry, head: Head): readonly string[] {
    const before = this.#standings.get(account) ?? OPEN;
    const after = standingAfter(body, before);
    this.#standings.set(account, after);
    const wrong: string[] = [];
    const frozen = frozenSideOf(body, before);
    if (frozen !== undefined) {
      wrong.push(`money was moved while ${frozen} were frozen`);
    }
    if (body.kind === 'refused' && (body.code === 'account_frozen' || body.code === 'destination_frozen')) {
      const isTrue = SIDES[body.asked.operation].some((side) => before[side] === 'frozen');
      if (!isTrue) {
        wrong.push(`${body.code} was not true`);
      }
    }
    checkStatus(head, after, (_, fault) => wrong.push(fault));
    return wrong.map((fault) => `${account}: ${fault}, by ${key}`);
  }
}
