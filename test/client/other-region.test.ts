import { describe, expect } from 'vitest';
import { type Behaviour, gateway, loseReply, refuse, withDate } from '../support/behaviours.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { keyAt } from '../support/keys.ts';
import { regionsOf, test, typesOf } from '../support/two-regions.ts';

test('a client believes key_expired from one Region, because it is recorded', async ({ regions }) => {
  const key = keyAt(regions.time.nowMs() - 31 * 24 * 3_600_000);
  const client = regions.client();

  const refused = { name: 'RefusedError', code: 'key_expired', key };
  await expect(client.deposit('joe', 10n, { key })).rejects.toMatchObject(refused);
  await regions.east.stop();
  await expect(client.deposit('joe', 10n, { key })).rejects.toMatchObject(refused);
  expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2']);
});

/** Refusals that may have a cause in one Region only: its access, its version, its clock. */
const OF_ONE_REGION: readonly { code: string; behaviour: Behaviour }[] = [
  { code: 'not_authorized', behaviour: gateway(403, 'Forbidden') },
  { code: 'not_authorized', behaviour: gateway(401, 'Unauthorized') },
  { code: 'no_such_route', behaviour: refuse('no_such_route') },
  { code: 'key_in_future', behaviour: refuse('key_in_future') },
];

describe.each(OF_ONE_REGION)('a client that one Region refuses with $code', ({ code, behaviour }) => {
  test('is answered by the other Region at once, and goes there from then on', async ({ regions }) => {
    regions.east.usually = behaviour;
    const client = regions.client();

    expect(await client.deposit('joe', 10n)).toMatchObject({ balance: 10n, region: 'us-east-2' });
    expect(await client.balance('joe')).toMatchObject({ balance: 10n, region: 'us-east-2' });
    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2', 'us-east-2']);
    expect(regions.events.map(({ type }) => type)).not.toContain('waiting');
  });

  test('believes it when every Region says so, without waiting', async ({ regions }) => {
    regions.usually(behaviour);
    const key = keyAt(regions.time.nowMs());

    const refused = { name: 'RefusedError', code };
    await expect(regions.client().deposit('joe', 10n, { key })).rejects.toMatchObject({ ...refused, key });
    await expect(regions.client().balance('joe')).rejects.toMatchObject(refused);
    expect(regions.arrivals).toHaveLength(4);
    expect(regions.events.map(({ type }) => type)).not.toContain('waiting');
  });

  test('goes on asking while the other only says that it cannot do it now', async ({ regions }) => {
    regions.east.usually = behaviour;
    regions.west.next(refuse('unavailable', { executed: false }));

    expect(await regions.client().deposit('joe', 10n)).toMatchObject({ balance: 10n, region: 'us-east-2' });
  });

  test('is refused when the other cannot be reached at all: nothing was executed', async ({ regions }) => {
    regions.east.usually = behaviour;
    const endpoints = [regions.east.url, await refusingUrl()];
    const key = keyAt(regions.time.nowMs());

    const call = regions.client({ endpoints, maxAttempts: 4 }).deposit('joe', 10n, { key });

    await expect(call).rejects.toMatchObject({ name: 'RefusedError', code, key });
  });

  test('does not know the outcome when the other may have executed the call', async ({ regions }) => {
    regions.east.usually = behaviour;
    regions.west.usually = loseReply;

    const call = regions.client({ maxAttempts: 4 }).deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown', cause: { code } });
    expect(regions.bank.executions).toHaveLength(1);
  });
});

test('mints another key at once when its clock is wrong and one Region is down', async ({ regions }) => {
  regions.time.wallClockErrorMs = 3_600_000;
  const { east, time } = regions;
  east.next(withDate(time.nowMs(), refuse('key_in_future')));
  const client = regions.client({ endpoints: [east.url, await refusingUrl()] });

  expect(await client.deposit('joe', 10n)).toMatchObject({ balance: 10n });
  expect(typesOf(regions.events)).not.toContain('waiting');
  expect(regions.bank.executions).toHaveLength(1);
});
