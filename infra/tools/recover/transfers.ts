import type { BankParts } from '../../../functions/bank/attempt.ts';
import {
  type Asked,
  bankKeyOfEntry,
  type Entry,
  type RecordedRefusal,
} from '../../../functions/bank/entry.ts';
import { execute } from '../../../functions/bank/execute.ts';
import { keyTimeMs } from '../../../functions/bank/key.ts';
import type { TransferEntry } from '../books/transfer-entry.ts';
import { faultOf, isRefund, isUnderWay, sidesOf, type Transfer } from '../books/transfers.ts';
import {
  append,
  type Completing,
  type Completion,
  type CompletionParts,
  isFrozen,
  mayPay,
  NOTHING,
} from './completion.ts';
import { payRefund, reserveAgain, unreserve } from './refunds.ts';

/**
 * Completes transfers of which one book has more entries than the other, because its item is of a later moment. What a book says has
 * happened: a settled transfer was credited, and a credit was paid. So this writes the missing entry, with its time, under the id by which
 * both books know the transfer; a second run finds it. It adds what it did to `completion`.
 *
 * Credits come first: payers may need that money.
 */
export async function completeTransfers(
  given: CompletionParts,
  completion: Completion = { ...NOTHING },
): Promise<Completion> {
  const parts = { ...given, completion };
  const { transfers, signal, onFault } = parts;
  completion.underWay = 0;
  const unpaid: TransferEntry[] = [];
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
      return completion;
    }
    completion.underWay += isUnderWay(transfer) ? 1 : 0;
    const fault = faultOf(transfer);
    const { begun, settled, returned, credited, reserved } = sidesOf(transfer);
    if (fault?.code === 'credit_missing' && begun && settled) {
      if (await isFrozen(parts, begun.payee, ['credits'], begun)) {
        continue;
      }
      await begin();
      await append(parts, begun.payee, creditOf(begun, settled));
      completion.credited += 1;
    } else if (fault?.code === 'refusal_missing' && begun && returned) {
      await begin();
      await append(parts, begun.payee, refusalOf(begun, returned, reserved ?? returned));
      completion.refused += 1;
    } else if (fault?.code === 'transfer_missing' && credited) {
      unpaid.push(credited);
    } else if (fault?.code === 'reservation_left' || (fault?.code === 'refund_missing' && !credited)) {
      await begin();
      await unreserve(parts, transfer);
    } else if (fault?.code === 'refund_missing') {
      unpaidRefunds.push(transfer);
    } else if (fault?.code === 'reservation_missing' && begun) {
      uncounted.push(transfer);
    } else if (fault !== undefined) {
      const { payer, key } = transfer.said[0] ?? {};
      onFault(payer ?? '', `its ${isRefund(transfer) ? 'refund' : 'transfer'} ${key}: ${fault.message}`);
    }
  }
  // Registers are right before refunds are paid: they do not count any more what was taken back.
  for (const write of [
    ...uncounted.map((refund) => () => reserveAgain(parts, refund)),
    ...unpaid.map((credit) => () => pay(parts, credit)),
    ...unpaidRefunds.map((refund) => () => payRefund(parts, refund)),
  ]) {
    if (signal.aborted) {
      break;
    }
    await begin();
    await write();
  }
  return completion;
}

/** Executes the call that a credit came from, at the time of that call, because the id follows from the time. */
async function pay(parts: Completing, credit: TransferEntry): Promise<void> {
  const { store, signal, onFault, completion } = parts;
  const { id, payer, payee, key, amount, reference } = credit;
  const amountMinor = BigInt(amount);
  const named = `its transfer ${key} of ${amount} to ${payee} is missing, and ${payee} has the money`;
  if (!(await mayPay(parts, credit, { amountMinor, named }))) {
    return;
  }
  const then: BankParts = { store, nowMs: () => keyTimeMs(id), keysNotBeforeMs: 0 };
  const asked = { operation: 'transfer', amountMinor, to: payee, reference } as const;
  // Its caller may retry.
  const intent = { kind: 'execute', account: payer, key, mayRetry: true, asked } as const;
  const { answer, remaining } = await execute(then, intent, signal);
  await remaining?.done;
  if (answer.kind === 'recorded' && bankKeyOfEntry(payer, answer.line.entry) === id) {
    completion.paid += 1;
  } else {
    onFault(payer, `${named}; under that key it has something else`);
  }
}

/** The credit was executed: it opens the account where its first deposit is lost. */
function creditOf(begun: TransferEntry, { atMs, amount }: TransferEntry): Entry {
  const body = { kind: 'executed', asked: askedOf(begun, amount) } as const;
  const changeMinor = BigInt(amount);
  return { key: begun.id, changeMinor, heldChangeMinor: 0n, atMs, mayRetry: false, body };
}

function refusalOf(begun: TransferEntry, { atMs }: TransferEntry, { amount }: TransferEntry): Entry {
  const code: RecordedRefusal = 'key_expired';
  const body = { kind: 'refused', asked: askedOf(begun, amount), code } as const;
  return { key: begun.id, changeMinor: 0n, heldChangeMinor: 0n, atMs, mayRetry: false, body };
}

function askedOf({ payer, key, reference, refund }: TransferEntry, amount: string): Asked {
  return {
    operation: 'credit',
    amountMinor: BigInt(amount),
    from: payer,
    transfer: key,
    reference,
    ...(refund === undefined ? {} : { isRefund: true }),
  };
}
