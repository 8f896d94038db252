import { expect, test } from 'vitest';
import type { SweepReport } from '../../functions/bank/sweep.ts';
import { createLog } from '../../functions/log.ts';
import { MemoryStore } from '../../functions/memory/store.ts';
import { createSweepHandler } from '../../functions/sweep-handler.ts';
import { Tally } from '../../functions/tally.ts';

const NOTHING: SweepReport = {
  accounts: 0,
  transfers: 0,
  expired: 0,
  failed: 0,
  oldestTransferMs: 0,
  behindMs: 0,
};

/** Runs the function over a bank whose sweep is this one, and gives back its one line. */
async function lineOf(sweep: (signal: AbortSignal) => Promise<SweepReport>, remainingMs = 50_000) {
  const lines: string[] = [];
  const rejectedRequests = new Tally();
  rejectedRequests.count('ThrottlingException');
  const parts = { store: new MemoryStore(Date.now), nowMs: Date.now, keysNotBeforeMs: 0 };
  const handler = createSweepHandler(
    { name: 'twinbank', region: 'us-east-1', parts, rejectedRequests },
    createLog('sweep', Date.now, (line) => lines.push(line)),
    (_, signal) => sweep(signal),
  );
  const result = await handler({}, { getRemainingTimeInMillis: () => remainingMs }).catch(
    (error: unknown) => error,
  );
  expect(lines).toHaveLength(1);
  const { timestamp: _, _aws, ...line } = JSON.parse(lines[0] ?? '');
  return { result, line, directives: _aws?.CloudWatchMetrics };
}

const metric = (Name: string, Unit = 'Count') => ({ Name, Unit });

test('a sweep that finds nothing still says how far it is behind, because silence rings', async () => {
  expect(await lineOf(async () => NOTHING)).toEqual({
    result: undefined,
    line: { level: 'INFO', message: 'sweep', service: 'sweep', bank: 'twinbank', behindMs: 0, throttles: 1 },
    directives: [
      {
        Namespace: 'Twinbank',
        Dimensions: [['bank']],
        Metrics: [metric('behindMs', 'Milliseconds'), metric('throttles')],
      },
    ],
  });
});

test('a sweep says what it found and did, and CloudWatch counts it', async () => {
  const found = { accounts: 9, transfers: 3, expired: 2, failed: 1, oldestTransferMs: 400, behindMs: 70_000 };
  const { line, directives } = await lineOf(async () => found);
  expect(line).toMatchObject(found);
  expect(directives).toMatchObject([
    {
      Metrics: [
        metric('behindMs', 'Milliseconds'),
        metric('oldestTransferMs', 'Milliseconds'),
        metric('transfers'),
        metric('expired'),
        metric('failed'),
        metric('throttles'),
      ],
    },
  ]);
});

test('a sweep that could not look fails, says why, and counts as none', async () => {
  const error = new Error('the index is gone');
  const { result, line, directives } = await lineOf(async () => Promise.reject(error));
  expect(result).toBe(error);
  expect(line).toMatchObject({ level: 'ERROR', bank: 'twinbank', error: { message: 'the index is gone' } });
  expect(directives).toBeUndefined();
});

test('a sweep ends while there is time left to report what it did', async () => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<SweepReport>((resolve) => {
      signal.addEventListener('abort', () => resolve({ ...NOTHING, accounts: 4 }));
    });
  expect((await lineOf(untilAborted, 5_050)).line).toMatchObject({ accounts: 4 });
});
