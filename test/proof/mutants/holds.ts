import type { Room } from './workshop.ts';

const REFUNDS = 'test/functions/refunds.test.ts';
const FROZEN = 'test/functions/frozen.test.ts';

/** Holds, refunds and frozen accounts. */
export const HOLDS: Room = {
  'functions/bank/operations/hold.ts': [
    {
      removes: 'that a hold needs the money',
      keeps: 'I1',
      find: '...hasMoney(amountMinor), ROOM_FOR_HOLD',
      replace: 'ROOM_FOR_HOLD',
    },
    {
      removes: 'the limit on open holds',
      keeps: 'I7',
      find: ', ROOM_FOR_HOLD]',
      replace: ']',
      caughtBy: 'test/functions/holds.test.ts',
    },
    {
      removes: 'that a capture is of what remains',
      keeps: 'I10',
      find: 'if (capturedMinor > remainingMinor) {',
      replace: 'if (capturedMinor > 2n * remainingMinor) {',
    },
    {
      removes: 'that a hold which has expired cannot be captured or voided',
      keeps: 'I10',
      find: "isExpired(mark, nowMs) ? { kind: 'write_expiry', head, hold: key, mark } : plan(mark);",
      replace: 'plan(mark);',
    },
    {
      removes: 'that captures need debits to be open',
      keeps: 'I11',
      find: 'requires: [MAY_PAY],',
      replace: 'requires: [],',
      caughtBy: FROZEN,
    },
    {
      removes: 'that captures for another account need debits to be open',
      keeps: 'I11',
      find: 'requires: [MAY_PAY, ROOM_FOR_TRANSFER],',
      replace: 'requires: [ROOM_FOR_TRANSFER],',
      caughtBy: FROZEN,
    },
  ],
  'functions/bank/find-hold.ts': [
    {
      removes: 'that the last entry which names a hold says how it ended',
      keeps: 'I10',
      find: 'of [...lines].reverse()) {',
      replace: 'of [...lines]) {',
    },
  ],
  'functions/bank/operations/withdraw.ts': [
    {
      removes: 'that withdrawals, transfers and holds need debits to be open',
      keeps: 'I11',
      find: "    { kind: 'not_frozen', side: 'debits', refusal: 'account_frozen' },\n",
      caughtBy: FROZEN,
    },
  ],
  'functions/bank/operations/deposit.ts': [
    {
      removes: 'that deposits need credits to be open',
      keeps: 'I11',
      find: "{ kind: 'not_frozen', side: 'credits', refusal: 'account_frozen' }, ",
      caughtBy: FROZEN,
    },
  ],
  'functions/bank/operations/refund.ts': [
    {
      removes: 'that refunds together are at most what the call moved',
      keeps: 'I12',
      find: "{ kind: 'balance_at_most', amountMinor: limitMinor, refusal: 'refund_exceeded' }",
      replace: "{ kind: 'balance_at_most', amountMinor: ofMinor, refusal: 'refund_exceeded' }",
      caughtBy: REFUNDS,
    },
    {
      removes: 'giving no more than is left where all that is left was asked',
      keeps: 'I12',
      find: 'mayTakeLess && leftMinor < amountMinor ? atLeastOne(leftMinor) : amountMinor',
      replace: 'amountMinor',
      caughtBy: REFUNDS,
    },
    {
      removes: 'the condition that a call is not there which is refused as missing',
      keeps: 'I5',
      find: "code: 'no_such_call', conditions: [{ predicate, expected: true }]",
      replace: "code: 'no_such_call', conditions: []",
      caughtBy: REFUNDS,
    },
    {
      removes: 'that a refund of a transfer takes its money from the balance',
      keeps: 'I10',
      find: 'to === undefined ? mayTake(amountMinor) : hasMoney(amountMinor)',
      replace: 'to === undefined ? mayTake(amountMinor) : []',
      caughtBy: REFUNDS,
    },
    {
      removes: 'that a refund needs credits to be open',
      keeps: 'I11',
      find: 'to === undefined ? mayTake(amountMinor) : hasMoney(amountMinor)',
      replace: 'to === undefined ? [] : hasMoney(amountMinor)',
      caughtBy: REFUNDS,
    },
    {
      removes: 'asking the register how much is left before a refund of the rest is refused',
      keeps: 'I5',
      find: 'asked.amountMinor === undefined && refundedMinor === undefined && isTight',
      replace: 'asked.amountMinor !== asked.amountMinor',
      caughtBy: REFUNDS,
    },
  ],
  'functions/bank/find-call.ts': [
    {
      removes: 'that a credit which is a refund cannot be refunded',
      keeps: 'I12',
      find: 'asked.isRefund === true',
      replace: 'false',
      caughtBy: REFUNDS,
    },
    {
      removes: 'that a capture for another account cannot be refunded by the payer',
      keeps: 'I10',
      find: 'asked.to === undefined && capturedMinor !== undefined',
      replace: 'capturedMinor !== undefined',
      caughtBy: REFUNDS,
    },
    {
      removes: 'the search for a call that the index does not find',
      keeps: 'I8',
      find: 'await lineInBook(store, { account, key }, head, signal)',
      replace: 'await lineInBook(store, { account, key }, { ...head, watermark: undefined }, signal)',
      caughtBy: 'test/functions/strong-reads.test.ts',
    },
  ],
  'functions/bank/complete-refund.ts': [
    {
      removes: 'taking a reservation back whose refund the payer could not take',
      keeps: 'I12',
      find: '      await writeOnce(attempt, register, bankKeyOf(register, id, mark.startedMs), asked);\n',
      replace: '      void asked;\n',
      caughtBy: REFUNDS,
    },
  ],
};
