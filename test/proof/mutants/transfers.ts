import type { Room } from './workshop.ts';

const REFUNDS = 'test/functions/refunds.test.ts';
const FROZEN = 'test/functions/frozen.test.ts';

/** Transfers, what drives them to their end, and what operations require. */
export const TRANSFERS: Room = {
  'functions/bank/operations/operation.ts': [
    {
      removes: 'that a withdrawal needs the money, in the model',
      keeps: 'I1',
      find: 'return balanceMinor !== undefined && balanceMinor >= predicate.amountMinor;',
      replace: 'return balanceMinor !== undefined;',
    },
    {
      removes: 'that a side is open, in the model',
      keeps: 'I11',
      find: "return status[predicate.side] === 'open';",
      replace: 'return status[predicate.side] !== undefined;',
    },
  ],
  'functions/bank/sweep.ts': [
    {
      removes: 'visiting what became due last before what a sweep has no time for',
      keeps: 'never stuck',
      find: 'latestFirst: true',
      replace: 'latestFirst: false',
      caughtBy: 'test/bank/left-undone.test.ts',
    },
    {
      removes: 'looking again when the first of the marks is due that are left',
      keeps: 'never stuck',
      find: 'Math.min(...dues)',
      replace: 'Math.max(...dues)',
    },
    {
      removes: 'ending transfers that no caller retries',
      keeps: 'I10',
      find: "if (mark.kind === 'transfer' || mark.kind === 'refund') {\n        await",
      replace: "if (mark.kind === 'refund') {\n        await",
    },
    {
      removes: 'writing that holds have expired',
      keeps: 'never stuck',
      find: "if (mark.kind === 'hold') {",
      replace: "if (mark.kind === 'hold' && account === '') {",
    },
    {
      removes: 'that one mark which cannot be ended keeps no other waiting',
      keeps: 'never stuck',
      find: 'errors.push(error);',
      replace: 'throw error;',
      caughtBy: 'test/bank/left-undone.test.ts',
    },
    {
      removes: 'leaving refunds to the sweep',
      keeps: 'never stuck',
      find: "if (mark.kind === 'transfer' || mark.kind === 'refund') {\n        await",
      replace: "if (mark.kind === 'transfer') {\n        await",
      caughtBy: REFUNDS,
    },
  ],
  'functions/bank/complete-transfer.ts': [
    {
      removes: "giving money back only when the payee's book has the refusal",
      keeps: 'I10',
      find: 'await writeOnce(attempt, to, bankKeyOfMark(account, key, mark), asked);',
      replace:
        "await writeOnce(attempt, to, bankKeyOfMark(account, key, mark), asked).catch(() => ({ line: { entry: { body: { kind: 'refused', asked, code: 'no_such_destination' } } }, isNew: true }) as never);",
    },
    {
      removes: 'that every attempt makes the credit under the same id',
      keeps: 'I10',
      find: 'to, bankKeyOfMark(account, key, mark), asked);',
      replace:
        'to, bankKeyOfMark(account, key, mark).slice(0, -3) + String((attempt.parts.nowMs() % 900) + 100), asked);',
    },
    {
      removes: 'that an entry which cannot be read is not taken for a credit',
      keeps: 'I10',
      find: "if (!('asked' in body && isSame(body.asked, asked))) {",
      replace: "if (!('asked' in body && isSame(body.asked, asked)) && body.kind !== 'unknown_kind') {",
    },
    {
      removes: 'that money which comes back is in the balance before it is said',
      keeps: 'I5',
      find: '  if (returned === undefined) {\n    attempt.later(ended.then(',
      replace: '  if (attempt !== undefined) {\n    attempt.later(ended.then(',
    },
    {
      removes: 'that a retry of a returned transfer gets the refusal',
      keeps: 'I4',
      find: "return body.kind === 'returned' || body.kind === 'refunded' ? body.code : undefined;",
      replace: "return body.kind === 'refunded' ? body.code : undefined;",
    },
  ],
  'functions/bank/operations/transfer.ts': [
    {
      removes: 'that a payer needs the money',
      keeps: 'I1',
      find: '...hasMoney(amountMinor), ROOM_FOR_TRANSFER',
      replace: 'ROOM_FOR_TRANSFER',
    },
    {
      removes: 'that a payee must exist',
      keeps: 'I5',
      find: "    { kind: 'exists', refusal: 'no_such_destination' },\n",
    },
    {
      removes: 'that a payee has room for the sum',
      keeps: 'I5',
      find: '    hasRoom(amountMinor),\n',
      caughtBy: 'test/functions/transfers.test.ts',
    },
    {
      removes: 'the limit on transfers under way',
      keeps: 'I7',
      find: ', ROOM_FOR_TRANSFER]',
      replace: ']',
      caughtBy: 'test/functions/transfers.test.ts',
    },
    {
      removes: 'that the payee of a transfer needs credits to be open',
      keeps: 'I11',
      find: "    { kind: 'not_frozen', side: 'credits', refusal: 'destination_frozen' },\n",
      caughtBy: FROZEN,
    },
  ],
};
