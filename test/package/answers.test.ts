import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import * as contract from '../../client/contract/schemas.ts';
import * as moves from '../../client/moves.ts';
import * as read from '../../client/read-answer.ts';
import { seedOf } from '../support/seed.ts';

const KEY = '0198c5a0-7e57-7abc-8def-0123456789ab';
const place = { sequence: 7, at: '2026-11-27T13:00:00.000Z' };
const moved = { account: 'joe', key: KEY, balance: '25', ...place };
const expiresAt = '2026-12-04T13:00:00.000Z';
const transferred = { ...moved, to: 'ann' };
const held = { ...moved, held: '12', expiresAt };
const voided = { ...moved, held: '0', hold: KEY, amount: '12' };
const refunded = { ...moved, call: KEY, amount: '12' };
const statusSet = { ...moved, debits: 'frozen', credits: 'open' };
const ofEntry = { ...place, key: KEY, balance: '25' };
const entry = { ...ofEntry, type: 'refused', code: 'not_enough_money', amount: '12', change: '0' };
const captured = {
  ...{ ...ofEntry, type: 'capture', amount: '12', change: '3', heldChange: '-15' },
  ...{ other: 'ann', transfer: KEY, hold: KEY, reference: 'order 4711' },
};
const froze = { ...ofEntry, type: 'status', change: '0', debits: 'frozen', credits: 'open' };
const ended = {
  ...{ ...ofEntry, type: 'refunded', amount: '12', change: '12' },
  ...{ other: 'ann', call: KEY, refund: KEY },
};
const reply = { status: 200, body: moved };
const problem = { type: 'urn:x', title: 'No', status: 409, detail: 'No.', code: 'cancelled' };

type Answer = readonly [
  name: string,
  good: object,
  schema: v.GenericSchema,
  reader: (body: unknown) => object,
];

const MOVES: readonly Answer[] = [
  ['a deposit', moved, contract.movedSchema, moves.readMoved],
  ['a transfer', transferred, contract.transferredSchema, moves.readTransferred],
  ['a hold', held, contract.heldSchema, moves.readHeld],
  ['a void', voided, contract.voidedSchema, moves.readVoided],
  ['a capture', { ...voided, to: 'ann' }, contract.capturedSchema, moves.readCaptured],
  ['a refund', { ...refunded, to: 'ann' }, contract.refundedSchema, moves.readRefunded],
  ['a change of status', statusSet, contract.statusSchema, moves.readStatusSet],
];

const statement = (of: object) => ({ account: 'joe', entries: [of], next: 7 });
const frozen = { account: 'joe', balance: '0', held: '12', debits: 'frozen', credits: 'frozen' };
const hold = { hold: KEY, amount: '15', remaining: '12', expiresAt, reference: 'order 4711' };
const list = { accounts: [{ account: 'joe', balance: '25' }], next: 'joe' };
const tooLate = { key: KEY, outcome: 'answered', reply };

const batch = { account: 'joe', answers: [{ key: KEY, ...reply, replayed: true }] };

const ANSWERS: readonly Answer[] = [
  ...MOVES,
  ['the holds of an account', { account: 'joe', holds: [hold] }, contract.holdsBodySchema, read.readHolds],
  ['a balance', frozen, contract.balanceBodySchema, read.readBalance],
  ['a statement', statement(entry), contract.entriesBodySchema, read.readEntries],
  ['an entry of a capture', statement(captured), contract.entriesBodySchema, read.readEntries],
  ['an entry of a refund', statement(ended), contract.entriesBodySchema, read.readEntries],
  ['an entry of a status', statement(froze), contract.entriesBodySchema, read.readEntries],
  ['the answers to a batch', batch, contract.batchAnswersSchema, read.readBatchAnswers],
  ['a list of accounts', list, contract.accountsBodySchema, read.readAccounts],
  [
    'a recorded reply',
    { key: KEY, ...reply, refunded: '12' },
    contract.recordedReplySchema,
    read.readRecordedReply,
  ],
  ['a transfer under way', { key: KEY, outcome: 'pending' }, contract.pendingSchema, read.readPending],
  ['a cancellation', { key: KEY, outcome: 'cancelled' }, contract.cancellationSchema, read.readCancellation],
  ['a cancellation that came too late', tooLate, contract.cancellationSchema, read.readCancellation],
  ['a problem', { ...problem, executed: false }, contract.problemSchema, read.readProblem],
];

/** Values that are almost valid for a field, and all other kinds of JSON values. */
const nearly = fc.oneof(
  fc.constantFrom('', '0', '00', '-1', '1.5', '999999999999999', '1000000000000000'),
  fc.constantFrom('joe', '.joe', 'j'.repeat(129), KEY, KEY.toUpperCase(), `${KEY}0`, KEY.replace('-7', '-4')),
  fc.constantFrom('cancelled', 'executed', 'pending', 'open', 'frozen'),
  fc.constantFrom<unknown>(199, 200, 599, 600, 200.5, 0, -0, true, false, null),
  fc.constantFrom<unknown>([], {}, [moved], reply, problem),
  fc.jsonValue(),
);

/** A good answer in which some fields were removed and some changed, at the top or in its reply. */
function damaged(good: object): fc.Arbitrary<unknown> {
  const fields = Object.entries(good).map(([name, value]) => {
    const inside =
      name === 'reply' ? [damaged(value)] : Array.isArray(value) ? [fc.tuple(damaged(value[0]))] : [];
    return fc
      .oneof({ weight: 5, arbitrary: fc.constant(value) }, nearly, fc.constant(undefined), ...inside)
      .map((changed) => (changed === undefined ? [] : [[name, changed] as const]));
  });
  const changed = fc.tuple(...fields).map((entries) => Object.fromEntries(entries.flat()));
  return fc.oneof({ weight: 9, arbitrary: changed }, nearly);
}

/**
 * The part of an answer that is compared: without the body of a recorded reply, which is read by itself, and without undefined members.
 * Times are compared as numbers.
 */
function comparable(answer: unknown): unknown {
  if (Array.isArray(answer)) {
    return answer.map(comparable);
  }
  if (typeof answer !== 'object' || answer === null) {
    return answer;
  }
  const fields = Object.entries(answer).filter(([name, value]) => name !== 'body' && value !== undefined);
  return Object.fromEntries(
    fields.map(([name, value]) => {
      if (name === 'at' || name === 'expiresAt') {
        return [name, new Date(value).getTime()];
      }
      return [name, comparable(value)];
    }),
  );
}

describe("the client's readers of answers", () => {
  test.each(ANSWERS)('take %s when the contract does, and no other', (name, good, schema, reader) => {
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(damaged(good), (body) => {
        const expected = v.safeParse(schema, body);
        if (!expected.success) {
          refused += 1;
          expect(() => reader(body)).toThrow('not an answer of the bank');
          return;
        }
        taken += 1;
        expect(comparable(expected.output)).toMatchObject(comparable(reader(body)) as object);
      }),
      { numRuns: 2000, seed: seedOf(name) },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(50);
  });

  test('read balances as numbers without a rounding, and keys in lower case', () => {
    const big = { ...moved, key: KEY.toUpperCase(), balance: '999999999999999' };
    expect(moves.readMoved(big)).toEqual({
      account: 'joe',
      key: KEY,
      balance: 999_999_999_999_999n,
      sequence: 7,
      at: new Date(place.at),
    });
    expect(moves.readVoided({ ...voided, hold: KEY.toUpperCase() })).toMatchObject({
      hold: KEY,
      amount: 12n,
    });
  });

  test.each(MOVES)('read all of %s, also as a recorded reply', (_, body, __, reader) => {
    expect(moves.readExecuted(body)).toStrictEqual(reader(body));
  });

  test.each([
    { of: 'a hold', lacks: 'held', body: held },
    { of: 'a void', lacks: 'held', body: voided },
    { of: 'a capture', lacks: 'amount', body: { ...voided, to: 'ann' } },
    { of: 'a refund', lacks: 'amount', body: refunded },
  ])('refuse a recorded reply of $of that lacks `$lacks`', ({ lacks, body }) => {
    expect(() => moves.readExecuted({ ...body, [lacks]: undefined })).toThrow('not an answer of the bank');
  });
});

describe('the formats of the contract', () => {
  test.each([
    { format: contract.ACCOUNT, schema: contract.accountSchema },
    { format: contract.KEY, schema: contract.keySchema },
    { format: contract.BALANCE, schema: contract.balanceSchema },
    { format: contract.REFERENCE, schema: contract.referenceSchema },
  ])('are those of its schemas: $format.message', ({ format, schema }) => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.stringMatching(format.pattern), fc.string()), (text) => {
        const fits = typeof text === 'string' && format.pattern.test(text);
        expect(v.is(schema, text)).toBe(fits);
      }),
      { numRuns: 500, seed: seedOf(format.message) },
    );
  });
});
