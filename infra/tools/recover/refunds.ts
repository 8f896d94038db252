import { Attempt } from '../../../functions/bank/attempt.ts';
import { completeRefund } from '../../../functions/bank/complete-refund.ts';
import type { Entry } from '../../../functions/bank/entry.ts';
import { findCall } from '../../../functions/bank/find-call.ts';
import { bankKeyOf, keyTimeMs, registerOf } from '../../../functions/bank/key.ts';
import { markingOf, type RefundMark } from '../../../functions/bank/mark.ts';
import { sidesOf, type Transfer } from '../books/transfers.ts';
import { append, type Completing, mayPay } from './completion.ts';

/**
 * Adds a refund that moved money to the register of its call, because otherwise the call could be refunded twice. Reports a fault instead if
 * the sum would exceed what the call moved: the register then still counts a refund that gave its reservation back, and that the sweep may
 * still make.
 */
export async function reserveAgain(parts: Completing, transfer: Transfer): Promise<void> {
  const { begun, settled, credited } = sidesOf(transfer);
  const moved = settled ?? credited;
  const { call, asked } = begun?.refund ?? {};
  if (begun === undefined || moved === undefined || call === undefined || asked === undefined) {
    return;
  }
  const register = registerOf(begun.payer, call);
  const [changeMinor, ofMinor] = [BigInt(moved.amount), BigInt(asked.of)];
  const { balanceMinor = 0n } = await parts.store.readHead(register, parts.signal);
  if (balanceMinor + changeMinor > ofMinor) {
    parts.onFault(
      begun.payer,
      `its refund ${begun.key} of ${changeMinor} is not counted, and ${balanceMinor} of ${ofMinor} are counted for others; nothing was written. Restore accounts to a later moment`,
    );
    return;
  }
  await append(parts, register, {
    key: transfer.id,
    changeMinor,
    heldChangeMinor: 0n,
    atMs: moved.atMs,
    mayRetry: false,
    body: {
      kind: 'executed',
      asked: {
        operation: 'reserve',
        refund: begun.key,
        amountMinor: BigInt(asked.amount),
        ofMinor,
        mayTakeLess: asked.mayTakeLess,
        reference: undefined,
      },
    },
  });
  parts.completion.reserved += 1;
}

/**
 * Takes back a reservation whose refund is returned, or is in no book. No book has money that this refund moved, so nothing is paid twice,
 * and a caller can refund the call under a new key.
 */
export async function unreserve(parts: Completing, transfer: Transfer): Promise<void> {
  const { reserved, returned } = sidesOf(transfer);
  if (reserved?.refund?.call === undefined) {
    return;
  }
  const register = registerOf(reserved.payer, reserved.refund.call);
  const amountMinor = BigInt(reserved.amount);
  await append(parts, register, {
    key: bankKeyOf(register, transfer.id, keyTimeMs(transfer.id)),
    changeMinor: -amountMinor,
    heldChangeMinor: 0n,
    mayRetry: false,
    atMs: (returned ?? reserved).atMs,
    body: {
      kind: 'executed',
      asked: { operation: 'unreserve', refund: reserved.key, amountMinor, reference: undefined },
    },
  });
  parts.completion.unreserved += 1;
}

/** Makes a refund that its payer's book lacks, on the terms that the register has and at the time of the call, because the id follows from the time. */
export async function payRefund(parts: Completing, transfer: Transfer): Promise<void> {
  const { store, signal, onFault } = parts;
  const { id } = transfer;
  const { credited, reserved } = sidesOf(transfer);
  if (credited === undefined) {
    return;
  }
  const { payer, payee: to, key, amount, reference } = credited;
  const named = `its refund ${key} of ${amount} to ${to} is missing, and ${to} has the money`;
  const { call, asked } = reserved?.refund ?? {};
  if (call === undefined || asked === undefined) {
    onFault(payer, `${named}; no register says of which call. Restore accounts to a later moment`);
    return;
  }
  const [amountMinor, ofMinor, startedMs] = [BigInt(asked.amount), BigInt(asked.of), keyTimeMs(id)];
  const head = await store.readHead(payer, signal);
  const original = await findCall(store, { account: payer, key: call }, head, signal);
  const isRight = original?.kind === 'refundable' && original.amountMinor === ofMinor && original.from === to;
  if (!isRight || bankKeyOf(payer, key, startedMs) !== id) {
    onFault(
      payer,
      `${named}; it has no transfer ${call} of ${ofMinor} from ${to}. Restore accounts to a later moment`,
    );
    return;
  }
  if (!(await mayPay(parts, credited, { amountMinor, named }))) {
    return;
  }
  const { mayTakeLess } = asked;
  const terms = { to, amountMinor, ofMinor };
  // Its caller may retry.
  const said = { call, mayTakeLess, startedMs, mayRetry: true, reference };
  const mark: RefundMark = { kind: 'refund', ...terms, ...said };
  const entry: Entry = {
    key,
    changeMinor: -amountMinor,
    heldChangeMinor: amountMinor,
    atMs: startedMs,
    mayRetry: true,
    body: {
      kind: 'executed',
      asked: { operation: 'refund', call, amountMinor: mayTakeLess ? undefined : amountMinor, reference },
      terms,
    },
  };
  const marked = await append(parts, payer, entry, (now) =>
    markingOf([{ key, before: undefined, after: mark }], now),
  );
  const attempt = new Attempt({ store, nowMs: () => startedMs, keysNotBeforeMs: 0 }, signal);
  await completeRefund(attempt, { account: payer, key, mark, head: marked });
  await attempt.left()?.done;
  parts.completion.paid += 1;
}
