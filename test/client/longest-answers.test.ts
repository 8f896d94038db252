import { describe, expect } from 'vitest';
import { type Behaviour, sendJson } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { test } from '../support/two-regions.ts';

const HOLD = newKey();
const at = '2026-11-27T13:00:00.000Z';
const expiresAt = '2026-12-04T13:00:00.000Z';

function reply(body: object): Behaviour {
  return ({ request, response }) => sendJson(response, request.region, 200, body);
}

describe('the open holds of an account', () => {
  const hold = { hold: HOLD, amount: '15', remaining: '10', expiresAt };

  test('are listed, and can be written as JSON', async ({ regions }) => {
    regions.east.next(reply({ account: 'joe', holds: [hold, { ...hold, reference: 'hotel' }] }));

    const answer = await regions.client().holds('joe');

    const read = { hold: HOLD, amount: 15n, remaining: 10n, expiresAt: new Date(expiresAt) };
    expect(answer).toStrictEqual({
      account: 'joe',
      holds: [read, { ...read, reference: 'hotel' }],
      region: 'us-east-1',
    });
    expect(JSON.parse(JSON.stringify(answer))).toMatchObject({ holds: [hold, hold] });
    expect(regions.arrivals[0]).toMatchObject({ method: 'GET', path: '/accounts/joe/holds', body: '' });
  });

  test('are as many as an account can have, and each as long as it can be', async ({ regions }) => {
    const longest = { ...hold, amount: '9'.repeat(15), remaining: '9'.repeat(15), reference: '"'.repeat(64) };
    regions.east.next(reply({ account: 'joe', holds: Array(100).fill(longest) }));

    expect((await regions.client().holds('joe')).holds).toHaveLength(100);
  });
});

test('a page of a statement is read when all its entries are of full length', async ({ regions }) => {
  const entry = {
    sequence: Number.MAX_SAFE_INTEGER,
    key: HOLD,
    type: 'returned',
    code: 'no_such_destination',
    amount: '9'.repeat(15),
    change: `-${'9'.repeat(18)}`,
    heldChange: `-${'9'.repeat(18)}`,
    balance: '9'.repeat(18),
    at,
    reference: '"'.repeat(64),
    other: 'x'.repeat(128),
    transfer: HOLD,
    hold: HOLD,
  };
  regions.east.next(reply({ account: 'joe', entries: Array(100).fill(entry) }));

  const { value } = await regions.client().entries('joe').next();

  expect(value).toMatchObject({
    ...entry,
    at: new Date(at),
    amount: 999_999_999_999_999n,
    change: -999_999_999_999_999_999n,
    heldChange: -999_999_999_999_999_999n,
    balance: 999_999_999_999_999_999n,
  });
});
