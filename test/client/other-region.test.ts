import { describe, expect, it } from 'vitest';
import { answer, drop, loseReply, refuse } from '../support/behaviours.ts';
import { keyAt } from '../support/keys.ts';
import { regionsOf, startTwoRegions } from '../support/two-regions.ts';

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
