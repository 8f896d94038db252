import { describe, expect, it } from 'vitest';
import { answer, type Behaviour, drop, gateway, loseReply, refuse, withDate } from '../support/behaviours.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { keyAt } from '../support/keys.ts';
import { regionsOf, startTwoRegions, typesOf } from '../support/two-regions.ts';

describe('a client that one Region tells key_expired', () => {
  it('believes the other Region, which remembers the reply', async () => {
    await using regions = await startTwoRegions();
    const client = regions.client();
    const key = keyAt(regions.time.nowMs());
    await client.deposit('joe', 10n, { key });
    regions.east.next(refuse('key_expired'));

    expect(await client.deposit('joe', 10n, { key })).toMatchObject({ balance: 10n, region: 'us-east-2' });
    expect(regions.bank.executions).toHaveLength(1);
  });

  it('believes it when both say so, without waiting', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = refuse('key_expired');
    regions.west.usually = refuse('key_expired');
    const key = keyAt(regions.time.nowMs());

    await expect(regions.client().deposit('joe', 10n, { key })).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'key_expired',
      key,
    });
    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2']);
    expect(regions.events.map(({ type }) => type)).not.toContain('waiting');
  });

  it('believes it when there is no other Region', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = refuse('key_expired');
    const client = regions.client({ endpoints: [regions.east.url] });
    await expect(client.deposit('joe', 10n)).rejects.toMatchObject({ code: 'key_expired' });
  });

  it('does not know the outcome when the other cannot be asked', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = refuse('key_expired');
    await regions.west.stop();
    const key = keyAt(regions.time.nowMs());
    const call = regions.client({ callTimeoutMs: 500 }).deposit('joe', 10n, { key });
    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown', key });
  });

  it('does not know the outcome when there is no attempt left to ask the other with', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = refuse('key_expired');
    const key = keyAt(regions.time.nowMs());
    const call = regions.client({ maxAttempts: 1 }).deposit('joe', 10n, { key });
    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown', key });
    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1']);
  });

  it('asks again, and is answered by the Region that had executed the call and lost the reply', async () => {
    await using regions = await startTwoRegions();
    regions.east.next(loseReply, answer);
    regions.west.next(refuse('key_expired'), refuse('key_expired'));

    expect(await regions.client().deposit('joe', 10n)).toMatchObject({ balance: 10n, region: 'us-east-1' });
    expect(regions.bank.executions).toHaveLength(1);
  });

  it('mints a new key only when both have told it and no attempt is in doubt', async () => {
    await using regions = await startTwoRegions();
    regions.east.next(refuse('key_expired'));
    regions.west.next(drop, refuse('key_expired'));
    const { key } = await regions.client().deposit('joe', 10n);
    // One attempt was cut off, so the key had to stay.
    expect(new Set(regions.arrivals.map((arrival) => arrival.key))).toEqual(new Set([key]));
  });
});

/** Refusals that may be the fault of one Region: its access, its version, its clock. */
const OF_ONE_REGION: readonly { code: string; behaviour: Behaviour }[] = [
  { code: 'not_authorized', behaviour: gateway(403, 'Forbidden') },
  { code: 'not_authorized', behaviour: gateway(401, 'Unauthorized') },
  { code: 'no_such_route', behaviour: refuse('no_such_route') },
  { code: 'key_in_future', behaviour: refuse('key_in_future') },
];

describe.each(OF_ONE_REGION)('a client that one Region refuses with $code', ({ code, behaviour }) => {
  it('is answered by the other Region, without a wait, and goes there from then on', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = behaviour;
    const client = regions.client();

    expect(await client.deposit('joe', 10n)).toMatchObject({ balance: 10n, region: 'us-east-2' });
    expect(await client.balance('joe')).toMatchObject({ balance: 10n, region: 'us-east-2' });
    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2', 'us-east-2']);
    expect(regions.events.map(({ type }) => type)).not.toContain('waiting');
  });

  it('believes it when every Region says so, without waiting', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = behaviour;
    regions.west.usually = behaviour;
    const key = keyAt(regions.time.nowMs());

    const refused = { name: 'RefusedError', code };
    await expect(regions.client().deposit('joe', 10n, { key })).rejects.toMatchObject({ ...refused, key });
    await expect(regions.client().balance('joe')).rejects.toMatchObject(refused);
    expect(regions.arrivals).toHaveLength(4);
    expect(regions.events.map(({ type }) => type)).not.toContain('waiting');
  });

  it('goes on asking while the other only says that it cannot do it now', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = behaviour;
    regions.west.next(refuse('unavailable', { executed: false }));

    expect(await regions.client().deposit('joe', 10n)).toMatchObject({ balance: 10n, region: 'us-east-2' });
  });

  it('is refused when the other cannot be reached at all: nothing was executed', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = behaviour;
    const endpoints = [regions.east.url, await refusingUrl()];
    const key = keyAt(regions.time.nowMs());

    const call = regions.client({ endpoints, maxAttempts: 4 }).deposit('joe', 10n, { key });

    await expect(call).rejects.toMatchObject({ name: 'RefusedError', code, key });
  });

  it('does not know the outcome when the other may have executed the call', async () => {
    await using regions = await startTwoRegions();
    regions.east.usually = behaviour;
    regions.west.usually = loseReply;

    const call = regions.client({ maxAttempts: 4 }).deposit('joe', 10n);

    await expect(call).rejects.toMatchObject({ code: 'outcome_unknown', cause: { code } });
    expect(regions.bank.executions).toHaveLength(1);
  });
});

it('does not believe key_expired of one Region when the other refuses for another reason', async () => {
  await using regions = await startTwoRegions();
  regions.east.usually = refuse('key_expired');
  regions.west.usually = gateway(403, 'Forbidden');

  const call = regions.client({ maxAttempts: 4 }).deposit('joe', 10n, { key: keyAt(regions.time.nowMs()) });

  await expect(call).rejects.toMatchObject({ code: 'outcome_unknown' });
});

it('mints another key at once when its clock is wrong and one Region is down', async () => {
  await using regions = await startTwoRegions();
  regions.time.wallClockErrorMs = 3_600_000;
  const { east, time } = regions;
  east.next(withDate(time.nowMs(), refuse('key_in_future')));
  const client = regions.client({ endpoints: [east.url, await refusingUrl()] });

  expect(await client.deposit('joe', 10n)).toMatchObject({ balance: 10n });
  expect(typesOf(regions.events)).not.toContain('waiting');
  expect(regions.bank.executions).toHaveLength(1);
});
