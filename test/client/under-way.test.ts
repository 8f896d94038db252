import { describe, expect } from 'vitest';
import { type Behaviour, refuse, sendJson } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { test } from '../support/two-regions.ts';

const moved = { account: 'joe', balance: '15', sequence: 3, at: '2026-11-27T13:00:00.000Z', to: 'ann' };

/** Answers a call under its own key, as the bank does. */
function reply(body: object, status = 200): Behaviour {
  return ({ request, response }) => {
    sendJson(response, request.region, status, { key: request.key, ...body });
  };
}

test('a call whose transfer is under way is retried, and unknown until it ends', async ({ regions }) => {
  const begun = refuse('unavailable');
  regions.east.next(begun, begun, reply(moved));
  regions.west.next(begun, begun);

  await expect(regions.client({ maxAttempts: 2 }).transfer('joe', 'ann', 10n)).rejects.toMatchObject({
    code: 'outcome_unknown',
  });
  expect(await regions.client().transfer('joe', 'ann', 10n)).toMatchObject({ to: 'ann' });
  expect(regions.arrivals).toHaveLength(5);
});

describe('the outcome of a transfer that is under way', () => {
  test('is pending', async ({ regions }) => {
    const key = newKey();
    regions.east.next(reply({ key, outcome: 'pending' }, 202));

    const outcome = await regions.client().outcome('joe', key);

    expect(outcome).toStrictEqual({ outcome: 'pending', account: 'joe', key, region: 'us-east-1' });
  });

  test.for([
    { name: 'of another key', body: { key: newKey(), outcome: 'pending' } },
    { name: 'of no outcome', body: {} },
    { name: 'with a reply in it', body: { status: 200, body: moved } },
  ])('is not what a 202 says that is not one: $name', async ({ body }, { regions }) => {
    const key = newKey();
    regions.east.next(reply({ key, ...body }, 202));

    const call = regions.client({ maxAttempts: 1 }).outcome('joe', key);

    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('is not pending for a cancellation, which is answered with its end', async ({ regions }) => {
    const key = newKey();
    const body = { ...moved, key };
    const executed = { outcome: 'executed', account: 'joe', key, balance: 15n, to: 'ann' };
    regions.east.next(
      reply({ key, outcome: 'pending' }, 202),
      reply({ key, outcome: 'answered', reply: { status: 200, body } }),
    );
    const client = regions.client({ endpoints: [regions.east.url] });

    expect(await client.cancel('joe', key)).toMatchObject(executed);
    expect(regions.arrivals).toHaveLength(2);
  });
});
