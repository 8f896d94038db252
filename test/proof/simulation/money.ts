import type { Head } from '../../../functions/bank/book.ts';
import {
  bankKeyOfEntry,
  type Entry,
  type RecordedRefusal,
  refundedMinor,
} from '../../../functions/bank/entry.ts';
import { isRegister } from '../../../functions/bank/key.ts';
import { bankKeyOfMark } from '../../../functions/bank/mark.ts';

const HOLD_ENDINGS: ReadonlySet<RecordedRefusal> = new Set(['hold_captured', 'hold_voided', 'hold_expired']);

/** How far a transfer has come. */
interface Transfer {
  credits: number;
  refused: RecordedRefusal | undefined;
  ended: 'settled' | 'returned' | 'refunded' | undefined;
}

/** A hold, as the entries of its book have it. */
interface Hold {
  remainingMinor: bigint;
  readonly expiresAtMs: number;
  /** What a capture is refused with from now on; undefined while it is open. */
  ended: RecordedRefusal | undefined;
}

/**
 * Follows the money of all accounts from entry to entry (I10). It reads what the entries say was asked, not the results of the code
 * under test: all money is in one place; a transfer ends in one way; so does a hold.
 */
export class Money {
  /** What came into the bank, minus what left it. */
  insideMinor = 0n;
  /** What was credited, by id of the credit. */
  readonly #credited = new Map<string, bigint>();
  /** By account and key of the call that began it. */
  readonly #transfers = new Map<string, Transfer>();
  /** By account and key. */
  readonly #holds = new Map<string, Hold>();

  /** Takes the entries of one write, with all heads as they are after it. Returns what is wrong. */
  follow(account: string, entries: readonly Entry[], heads: ReadonlyMap<string, Head>): readonly string[] {
    const faults = entries.flatMap((entry) => {
      this.#count(entry);
      return [...this.#followTransfer(account, entry), ...this.#followHold(account, entry)];
    });
    return [...faults, ...this.#compare(heads), ...heldBy(heads.get(account))].map(
      (fault) => `${account}: ${fault} after ${entries.at(-1)?.key}`,
    );
  }

  #count(entry: Entry): void {
    const { key, body } = entry;
    if (body.kind === 'executed') {
      const { asked, capturedMinor = 0n } = body;
      if (asked.operation === 'deposit') {
        this.insideMinor += asked.amountMinor;
      }
      if (asked.operation === 'withdraw') {
        this.insideMinor -= asked.amountMinor;
      }
      if (asked.operation === 'capture' && asked.to === undefined) {
        this.insideMinor -= capturedMinor;
      }
      if (asked.operation === 'credit') {
        this.#credited.set(key, asked.amountMinor);
      }
    }
    // What had left the bank comes in again.
    if (body.kind === 'refunded' && body.to === undefined) {
      this.insideMinor += refundedMinor(entry);
    }
  }

  #compare(heads: ReadonlyMap<string, Head>): readonly string[] {
    let sumMinor = sumOf(heads);
    for (const [account, { marks }] of heads) {
      for (const [begun, mark] of marks) {
        // The payee has it, and the payer still holds it: it is there twice until the transfer is settled.
        if (mark.kind === 'transfer' || mark.kind === 'refund') {
          sumMinor -= this.#credited.get(bankKeyOfMark(account, begun, mark)) ?? 0n;
        }
      }
    }
    return sumMinor === this.insideMinor
      ? []
      : [`all accounts have ${sumMinor} instead of ${this.insideMinor}`];
  }

  #followTransfer(account: string, entry: Entry): readonly string[] {
    const { body } = entry;
    if (bankKeyOfEntry(account, entry) !== undefined) {
      this.#transfers.set(`${account} ${entry.key}`, { credits: 0, refused: undefined, ended: undefined });
    }
    if ((body.kind === 'executed' || body.kind === 'refused') && body.asked.operation === 'credit') {
      const { from, transfer: key } = body.asked;
      const transfer = this.#transfers.get(`${from} ${key}`);
      if (transfer === undefined) {
        return [`a credit of a transfer ${key} that no account began`];
      }
      if (body.kind === 'executed') {
        transfer.credits += 1;
      } else {
        transfer.refused = body.code;
      }
      const isTwice = transfer.credits > 1 || (transfer.credits > 0 && transfer.refused !== undefined);
      return isTwice || (transfer.ended !== undefined && body.kind === 'executed')
        ? [`transfer ${key} of ${from} is credited twice, or after its end`]
        : [];
    }
    if (body.kind === 'refunded') {
      const refund = this.#transfers.get(`${account} ${body.refund}`);
      const credits = body.code === undefined && body.to !== undefined ? 1 : 0;
      const isRight = refund !== undefined && refund.ended === undefined && refund.credits === credits;
      if (refund !== undefined) {
        refund.ended = body.kind;
      }
      return isRight ? [] : [`refund ${body.refund} ended wrongly`];
    }
    if (body.kind === 'settled' || body.kind === 'returned') {
      const transfer = this.#transfers.get(`${account} ${body.transfer}`);
      const isRight =
        transfer?.ended === undefined &&
        (body.kind === 'settled'
          ? transfer?.credits === 1
          : transfer?.credits === 0 && transfer.refused === body.code);
      if (transfer !== undefined) {
        transfer.ended = body.kind;
      }
      return isRight ? [] : [`transfer ${body.transfer} is ${body.kind} wrongly`];
    }
    return [];
  }

  #followHold(account: string, { key, changeMinor, heldChangeMinor, atMs, body }: Entry): readonly string[] {
    if (body.kind === 'expired') {
      const hold = this.#holds.get(`${account} ${body.hold}`);
      const isRight =
        hold !== undefined &&
        hold.ended === undefined &&
        atMs >= hold.expiresAtMs &&
        changeMinor === hold.remainingMinor;
      if (hold !== undefined) {
        hold.ended = 'hold_expired';
      }
      return isRight ? [] : [`hold ${body.hold} expired wrongly`];
    }
    if (body.kind === 'refused' && 'hold' in body.asked && HOLD_ENDINGS.has(body.code)) {
      const { ended } = this.#holds.get(`${account} ${body.asked.hold}`) ?? {};
      return ended === body.code
        ? []
        : [`${body.asked.hold} was refused with ${body.code}, and it is ${ended}`];
    }
    if (body.kind !== 'executed') {
      return [];
    }
    const { asked, capturedMinor = 0n } = body;
    if (asked.operation === 'hold') {
      const { amountMinor, expiresInSeconds } = asked;
      const expiresAtMs = atMs + expiresInSeconds * 1000;
      this.#holds.set(`${account} ${key}`, { remainingMinor: amountMinor, expiresAtMs, ended: undefined });
    }
    if (asked.operation !== 'capture' && asked.operation !== 'void') {
      return [];
    }
    const hold = this.#holds.get(`${account} ${asked.hold}`);
    if (
      hold === undefined ||
      hold.ended !== undefined ||
      atMs >= hold.expiresAtMs ||
      capturedMinor > hold.remainingMinor
    ) {
      return [`${asked.operation} of ${asked.hold}, which is over, has expired or has less`];
    }
    hold.remainingMinor -= capturedMinor;
    if (asked.operation === 'void') {
      hold.ended = 'hold_voided';
    } else if (asked.isFinal || hold.remainingMinor === 0n) {
      hold.ended = 'hold_captured';
    }
    const releasedMinor = hold.ended !== undefined ? hold.remainingMinor : 0n;
    const leavesMinor = asked.operation === 'capture' && asked.to === undefined ? capturedMinor : 0n;
    return changeMinor === releasedMinor && heldChangeMinor === -releasedMinor - leavesMinor
      ? []
      : [`${asked.operation} of ${asked.hold} changed ${changeMinor}, ${heldChangeMinor}`];
  }
}

/** What all accounts have, and what is held of them. The money of a register belongs to no account. */
export function sumOf(heads: ReadonlyMap<string, Head>): bigint {
  const accounts = [...heads].filter(([account]) => !isRegister(account));
  return accounts.reduce((sum, [, { balanceMinor = 0n, heldMinor }]) => sum + balanceMinor + heldMinor, 0n);
}

/** What is held is what the marks say. */
function heldBy(head: Head | undefined): readonly string[] {
  const { heldMinor = 0n, marks = new Map() } = head ?? {};
  let sumMinor = 0n;
  for (const mark of marks.values()) {
    if (mark.kind === 'transfer') {
      sumMinor += mark.amountMinor;
    }
    if (mark.kind === 'refund' && mark.to !== undefined) {
      sumMinor += mark.amountMinor;
    }
    if (mark.kind === 'hold') {
      sumMinor += mark.remainingMinor;
    }
  }
  return sumMinor === heldMinor ? [] : [`${heldMinor} is held, and the marks hold ${sumMinor}`];
}
