import type { BankParts } from '../../../functions/bank/attempt.ts';
import { type Asked, type Entry, type RefusedCode, transferIdOf } from '../../../functions/bank/entry.ts';
import { execute } from '../../../functions/bank/execute.ts';
import { keyTimeMs } from '../../../functions/bank/key.ts';
import { faultOf, isRefund, isUnderWay, type Said, sidesOf, type Transfer } from '../books/transfers.ts';
import { append, isFrozen, type Mended, type MendingParts, mayPay, NOTHING } from './mending.ts';
import { payRefund, reserveAgain, unreserve } from './refunds.ts';

/**
 * Completes transfers of which one book knows more than the other, because its item is of a later moment. What a book says has happened:
 * a settled transfer was credited, and a credit was paid. So the entry that is missing is written, as of then, under the id that both
 * books know it by; a second run finds it.
 *
 * Credits come first: they may give to payers what they need.
 */
export async function mendTransfers(parts: MendingParts): Promise<Mended> {
  const { transfers, signal, tell } = parts;
  const mended: Mended = { ...NOTHING };
  const unpaid: Said[] = [];
  const uncounted: Transfer[] = [];
  const unpaidRefunds: Transfer[] = [];
  let hasBegun = false;
  const begin = async () => {
    if (!hasBegun) {
      await parts.begin();
    }
    hasBegun = true;
  };
  for await (const transfer of transfers.all()) {
    if (signal.aborted) {
      return mended;
    }
    mended.underWay += isUnderWay(transfer) ? 1 : 0;
    const fault = faultOf(transfer);
    const { begun, settled, returned, credited, reserved } = sidesOf(transfer);
    if (fault?.code === 'credit_missing' && begun && settled) {
      if (await isFrozen(parts, begun.payee, ['credits'], begun)) {
        continue;
      }
      await begin();
      await append(parts, begun.payee, creditOf(begun, settled));
      mended.credited += 1;
    } else if (fault?.code === 'refusal_missing' && begun && returned) {
      await begin();
      await append(parts, begun.payee, refusalOf(begun, returned, reserved ?? returned));
      mended.refused += 1;
    } else if (fault?.code === 'transfer_missing' && credited) {
      unpaid.push(credited);
    } else if (fault?.code === 'reservation_left' || (fault?.code === 'refund_missing' && !credited)) {
      await begin();
      await unreserve(parts, transfer, mended);
    } else if (fault?.code === 'refund_missing') {
      unpaidRefunds.push(transfer);
    } else if (fault?.code === 'reservation_missing' && begun) {
      uncounted.push(transfer);
    } else if (fault !== undefined) {
      const { payer, key } = transfer.said[0] ?? {};
      tell(payer ?? '', `its ${isRefund(transfer) ? 'refund' : 'transfer'} ${key}: ${fault.says}`);
    }
  }
  // Registers do not count any more what was taken back.
  for (const refund of uncounted) {
    if (signal.aborted) {
      return mended;
    }
    await begin();
    await reserveAgain(parts, refund, mended);
  }
  for (const credit of unpaid) {
    if (signal.aborted) {
      return mended;
    }
    await begin();
    await pay(parts, credit, mended);
  }
  for (const refund of unpaidRefunds) {
    if (signal.aborted) {
      return mended;
    }
    await begin();
    await payRefund(parts, refund, mended);
  }
  return mended;
}

/** Executes the call that a credit came from: with the clock of then, from which the same id follows. */
async function pay(parts: MendingParts, credit: Said, mended: Mended): Promise<void> {
  const { store, signal, tell } = parts;
  const { id, payer, payee, key, amount, reference } = credit;
  const amountMinor = BigInt(amount);
  const named = `its transfer ${key} of ${amount} to ${payee} is missing, and ${payee} has the money`;
  if (!(await mayPay(parts, credit, { amountMinor, named }, mended))) {
    return;
  }
  const then: BankParts = {
    store,
    nowMs: () => keyTimeMs(id),
    keysNotBeforeMs: 0,
  };
  const asked = { operation: 'transfer', amountMinor, to: payee, reference } as const;
  // Its caller may well come back.
  const intent = { kind: 'execute', account: payer, key, mayReturn: true, asked } as const;
  const { answer, turning } = await execute(then, intent, signal);
  await turning?.done;
  if (answer.kind === 'recorded' && transferIdOf(payer, answer.line.entry) === id) {
    mended.paid += 1;
  } else {
    tell(payer, `${named}; under that key it has something else`);
  }
}

/** The credit was executed: it opens the account where its first deposit is lost. */
function creditOf(begun: Said, { atMs, amount }: Said): Entry {
  const body = { kind: 'executed', asked: askedOf(begun, amount) } as const;
  const changeMinor = BigInt(amount);
  return { key: begun.id, changeMinor, heldChangeMinor: 0n, atMs, mayReturn: false, body };
}

function refusalOf(begun: Said, { atMs }: Said, { amount }: Said): Entry {
  const code: RefusedCode = 'key_expired';
  const body = { kind: 'refused', asked: askedOf(begun, amount), code } as const;
  return { key: begun.id, changeMinor: 0n, heldChangeMinor: 0n, atMs, mayReturn: false, body };
}

function askedOf({ payer, key, reference, refund }: Said, amount: string): Asked {
  return {
    ...{ operation: 'credit', amountMinor: BigInt(amount), from: payer, transfer: key, reference },
    ...(refund === undefined ? {} : { isRefund: true }),
  };
}
