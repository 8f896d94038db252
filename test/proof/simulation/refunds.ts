import type { Head } from '../../../functions/bank/book.ts';
import { type Entry, refundedMinor } from '../../../functions/bank/entry.ts';
import { isRegister, registerOf } from '../../../functions/bank/key.ts';

/**
 * Follows refunds from entry to entry (I12). It reads what the entries moved, not the results of the code under test: only a call that
 * moved money is refunded, its refunds together are at most that, and in the end each reservation is a refund.
 */
export class Refunds {
  /** What a call moved that may be refunded, by its register. */
  readonly #moved = new Map<string, bigint>();
  /** What was refunded, by register. */
  readonly #refunded = new Map<string, bigint>();

  /** Takes an entry that was appended, with the head as it is after it. Returns what is wrong. */
  follow(account: string, entry: Entry, { balanceMinor = 0n }: Head): readonly string[] {
    const { key, body } = entry;
    const wrong = (fault: string) => [`${account}: ${fault}, by ${key}`];
    if (isRegister(account)) {
      const movedMinor = this.#moved.get(account) ?? 0n;
      return balanceMinor > movedMinor ? wrong(`${balanceMinor} of ${movedMinor} are refunded`) : [];
    }
    const movedMinor = movedBy(entry);
    if (movedMinor !== undefined) {
      this.#moved.set(registerOf(account, key), movedMinor);
    }
    if (body.kind !== 'refunded') {
      return [];
    }
    const register = registerOf(account, body.call);
    const sumMinor = (this.#refunded.get(register) ?? 0n) + refundedMinor(entry);
    this.#refunded.set(register, sumMinor);
    const limitMinor = this.#moved.get(register) ?? 0n;
    return sumMinor > limitMinor ? wrong(`${sumMinor} of ${limitMinor} are back`) : [];
  }

  /** Compares registers with what was refunded, once nothing is under way. */
  audit(heads: ReadonlyMap<string, Head>): readonly string[] {
    const names = new Set([...this.#refunded.keys(), ...[...heads.keys()].filter(isRegister)]);
    return [...names].flatMap((register) => {
      const { balanceMinor = 0n } = heads.get(register) ?? {};
      const backMinor = this.#refunded.get(register) ?? 0n;
      return balanceMinor === backMinor
        ? []
        : [`${register} has ${balanceMinor}, and ${backMinor} came back`];
    });
  }
}

/** What an entry took out of the bank, or brought from another account; undefined for one that cannot be refunded. */
function movedBy({ changeMinor, body }: Entry): bigint | undefined {
  if (body.kind !== 'executed') {
    return undefined;
  }
  const { asked, capturedMinor } = body;
  if (asked.operation === 'withdraw') {
    return -changeMinor;
  }
  if (asked.operation === 'capture' && asked.to === undefined) {
    return capturedMinor;
  }
  return asked.operation === 'credit' && asked.isRefund !== true ? changeMinor : undefined;
}
