import { describe, expect, it } from 'vitest';
import { BankClient } from '../../client/client.ts';
import { platform } from '../../client/environment.ts';
import { Books, lastOutcome } from '../../infra/drill/books.ts';
import { settlementOf, settleUnknown } from '../../infra/drill/settle.ts';
import { answer, type Behaviour, drop, refuse, sendJson } from '../support/behaviours.ts';
import { newKey } from '../support/keys.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';

const PATIENCE = { environment: platform, pauseMs: 1 };

/** Settles one deposit of 10 of which nobody knows what came. */
async function settleOne(regions: TwoRegions, patienceMs = 30_000) {
  const books = new Books();
  books.open({ kind: 'deposit', account: 'joe', key: newKey(), amountMinor: 10n }, 'fault');
  await using client = new BankClient({
    endpoints: [regions.east.url, regions.west.url],
    callTimeoutMs: 50,
  });
  const untilMs = platform.elapsedMs() + patienceMs;
  await settleUnknown(books, client, { ...PATIENCE, untilMs });
  const [entry] = books.entries;
  return { outcome: entry && lastOutcome(entry), settlement: settlementOf(books) };
}

/** Behaves like this in both Regions. */
function usually(regions: TwoRegions, behaviour: Behaviour): void {
  regions.east.usually = behaviour;
  regions.west.usually = behaviour;
}

describe('an unknown outcome', () => {
  it('is settled by the same call with the same key', async () => {
    await using regions = await startTwoRegions();
    regions.bank.nowMs = () => Date.now();
    expect(await settleOne(regions)).toEqual({
      outcome: { kind: 'executed', balanceMinor: 10n },
      settlement: { unknown: 1, executed: 1, refused: 0, cancelled: 0, unsettled: 0 },
    });
    expect(regions.bank.executions).toHaveLength(1);
  });

  it('is settled by cancelling the key when the call is never answered', async () => {
    await using regions = await startTwoRegions();
    const calls: string[] = [];
    usually(regions, (exchange) => {
      const { request, response } = exchange;
      calls.push(request.method);
      if (request.method === 'POST') {
        drop(exchange);
        return;
      }
      const [, , , , key] = request.path.split('/');
      sendJson(response, request.region, 200, { key, outcome: 'cancelled' });
    });
    expect(await settleOne(regions)).toMatchObject({
      outcome: { kind: 'refused', code: 'cancelled' },
      settlement: { unknown: 1, cancelled: 1, unsettled: 0 },
    });
    expect(calls.at(-1)).toBe('PUT');
    expect(calls.indexOf('PUT')).toBe(calls.length - 1);
  });

  it('is not taken for settled by a refusal that speaks of one attempt only', async () => {
    await using regions = await startTwoRegions();
    usually(regions, refuse('key_in_future'));
    expect(await settleOne(regions, 50)).toMatchObject({
      outcome: { kind: 'unknown' },
      settlement: { unknown: 1, unsettled: 1 },
    });
    usually(regions, answer);
  });
});
