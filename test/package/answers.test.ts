import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import * as contract from '../../client/contract/schemas.ts';
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
const entry = {
  ...place,
  key: KEY,
  type: 'refused',
  code: 'not_enough_money',
  amount: '12',
  change: '0',
  balance: '25',
};
const captured = {
  ...place,
  key: KEY,
  type: 'capture',
  amount: '12',
  change: '3',
  heldChange: '-15',
  balance: '25',
  other: 'ann',
  transfer: KEY,
  hold: KEY,
  reference: 'order 4711',
};
const froze = {
  ...place,
  key: KEY,
  type: 'status',
  change: '0',
  balance: '25',
  debits: 'frozen',
  credits: 'open',
};
const ended = {
  ...place,
  key: KEY,
  type: 'refunded',
  amount: '12',
  change: '12',
  balance: '37',
  other: 'ann',
  call: KEY,
  refund: KEY,
};
const reply = { status: 200, body: moved };
const problem = { type: 'urn:x', title: 'No', status: 409, detail: 'No.', code: 'cancelled' };

/** Each answer with its schema and its reader, and what the client uses of it. */
const ANSWERS = [
  { name: 'a move', good: moved, schema: contract.movedSchema, reader: read.readMoved },
  {
    name: 'a transfer',
    good: transferred,
    schema: contract.transferredSchema,
    reader: read.readTransferred,
  },
  { name: 'a hold', good: held, schema: contract.heldSchema, reader: read.readHeld },
  {
    name: 'a capture',
    good: { ...voided, to: 'ann' },
    schema: contract.capturedSchema,
    reader: read.readCaptured,
  },
  {
    name: 'a refund',
    good: { ...refunded, to: 'ann' },
    schema: contract.refundedSchema,
    reader: read.readRefunded,
  },
  {
    name: 'a change of status',
    good: statusSet,
    schema: contract.statusSchema,
    reader: read.readStatusSet,
  },
  { name: 'a void', good: voided, schema: contract.voidedSchema, reader: read.readVoided },
  {
    name: 'the holds of an account',
    good: {
      account: 'joe',
      holds: [{ hold: KEY, amount: '15', remaining: '12', expiresAt, reference: 'order 4711' }],
    },
    schema: contract.holdsBodySchema,
    reader: read.readHolds,
  },
  {
    name: 'a balance',
    good: { account: 'joe', balance: '0', held: '12' },
    schema: contract.balanceBodySchema,
    reader: read.readBalance,
  },
  {
    name: 'a balance of a frozen account',
    good: { account: 'joe', balance: '0', held: '12', debits: 'frozen', credits: 'frozen' },
    schema: contract.balanceBodySchema,
    reader: read.readBalance,
  },
  {
    name: 'a statement',
    good: { account: 'joe', entries: [entry], next: 7 },
    schema: contract.entriesBodySchema,
    reader: read.readEntries,
  },
  {
    name: 'a statement with an entry of a hold',
    good: { account: 'joe', entries: [captured] },
    schema: contract.entriesBodySchema,
    reader: read.readEntries,
  },
  {
    name: 'a statement with the end of a refund',
    good: { account: 'joe', entries: [ended] },
    schema: contract.entriesBodySchema,
    reader: read.readEntries,
  },
  {
    name: 'a statement with a change of status',
    good: { account: 'joe', entries: [froze] },
    schema: contract.entriesBodySchema,
    reader: read.readEntries,
  },
  {
    name: 'a list of accounts',
    good: { accounts: [{ account: 'joe', balance: '25' }], next: 'joe' },
    schema: contract.accountsBodySchema,
    reader: read.readAccounts,
  },
  {
    name: 'a recorded reply',
    good: { key: KEY, ...reply, refunded: '12' },
    schema: contract.recordedReplySchema,
    reader: read.readRecordedReply,
  },
  {
    name: 'an answer that a transfer is under way',
    good: { key: KEY, outcome: 'pending' },
    schema: contract.pendingSchema,
    reader: read.readPending,
  },
  {
    name: 'a cancellation',
    good: { key: KEY, outcome: 'cancelled' },
    schema: contract.cancellationSchema,
    reader: read.readCancellation,
  },
  {
    name: 'a cancellation that came too late',
    good: { key: KEY, outcome: 'executed', reply },
    schema: contract.cancellationSchema,
    reader: read.readCancellation,
  },
  {
    name: 'a problem',
    good: { ...problem, executed: false },
    schema: contract.problemSchema,
    reader: read.readProblem,
  },
];

/** Values that are nearly what a field takes, beside anything else that JSON has. */
const nearly = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '00',
    '-1',
    '1.5',
    '999999999999999',
    '1000000000000000',
    'joe',
    '.joe',
    'j'.repeat(129),
  ),
  fc.constantFrom(
    KEY,
    KEY.toUpperCase(),
    `${KEY}0`,
    KEY.replace('-7', '-4'),
    'cancelled',
    'executed',
    'pending',
    'open',
    'frozen',
  ),
  fc.constantFrom<unknown>(
    199,
    200,
    599,
    600,
    200.5,
    0,
    -0,
    true,
    false,
    null,
    [],
    {},
    [moved],
    reply,
    problem,
  ),
  fc.jsonValue(),
);

/** A good answer of which some fields were taken away, and some changed, at the top or inside of its reply. */
function damaged(good: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const fields = Object.keys(good).map((name) => {
    const value = good[name];
    const inside =
      name === 'reply'
        ? [damaged(value as Record<string, unknown>)]
        : Array.isArray(value)
          ? [fc.tuple(damaged(value[0]))]
          : [];
    return fc
      .oneof({ weight: 5, arbitrary: fc.constant(value) }, nearly, fc.constant(undefined), ...inside)
      .map((changed) => (changed === undefined ? [] : [[name, changed] as const]));
  });
  const changed = fc.tuple(...fields).map((entries) => Object.fromEntries(entries.flat()));
  return fc.oneof({ weight: 9, arbitrary: changed }, nearly);
}

/**
 * What is compared of an answer: not the body in a recorded reply, which is read once more for what it is; nor what is
 * undefined, such as the reply of a cancelled key. Lists have one name for the client, and times are moments.
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
      return [name === 'entries' || name === 'accounts' ? 'items' : name, comparable(value)];
    }),
  );
}

describe("the client's readers of answers", () => {
  test.each(ANSWERS)('take $name when the contract does, and no other', ({ name, good, schema, reader }) => {
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
    expect(read.readMoved(big)).toEqual({
      account: 'joe',
      key: KEY,
      balance: 999_999_999_999_999n,
      sequence: 7,
      at: new Date(place.at),
    });
    expect(read.readVoided({ ...voided, hold: KEY.toUpperCase() })).toMatchObject({ hold: KEY, amount: 12n });
  });

  test.each([
    { body: moved, expected: read.readMoved(moved) },
    { body: transferred, expected: read.readTransferred(transferred) },
    { body: held, expected: read.readHeld(held) },
    { body: voided, expected: read.readVoided(voided) },
    { body: refunded, expected: read.readRefunded(refunded) },
    { body: { ...refunded, to: 'ann' }, expected: read.readRefunded({ ...refunded, to: 'ann' }) },
    { body: statusSet, expected: read.readStatusSet(statusSet) },
    { body: { ...moved, credits: 'frozen' }, expected: read.readStatusSet({ ...moved, credits: 'frozen' }) },
    { body: { ...voided, to: 'ann' }, expected: read.readCaptured({ ...voided, to: 'ann' }) },
  ])('find the operation of a recorded reply by its members: $body', ({ body, expected }) => {
    expect(read.readExecuted(body)).toStrictEqual(expected);
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
