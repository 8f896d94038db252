import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { SweepReport } from '../../functions/bank/sweep.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { createTestTables, type TestTables } from '../support/tables.ts';

let tables: TestTables;
let lines: string[];
beforeAll(async () => {
  tables = await createTestTables();
});
beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.doUnmock('../../functions/deployed-bank.ts');
  vi.resetModules();
});

/** Runs the function as Lambda starts it: its modules are loaded anew, with this environment. */
async function run(environment: NodeJS.ProcessEnv = {}, remainingMs = 50_000): Promise<void> {
  Object.assign(
    process.env,
    awsEnvironment(tables.endpoint, 'us-east-1'),
    {
      BANK: 'twinbank',
      ACCOUNTS_TABLE: tables.accounts,
      PAGES_TABLE: tables.pages,
      IDEMPOTENCY_TABLE: tables.idempotency,
    },
    environment,
  );
  const { handler } = await import('../../functions/sweep.ts');
  await handler({}, { getRemainingTimeInMillis: () => remainingMs });
}

/** Has the function work on a bank whose sweep is this one. */
function sweepIs(sweep: (signal: AbortSignal) => Promise<SweepReport>): void {
  vi.doMock('../../functions/deployed-bank.ts', () => ({
    deployedBank: () => ({
      name: 'twinbank',
      region: 'us-east-1',
      bank: { sweep },
      turnedAway: { take: () => ({ throttles: 2 }) },
    }),
  }));
}

const NOTHING: SweepReport = {
  accounts: 0,
  transfers: 0,
  expired: 0,
  failed: 0,
  oldestTransferMs: 0,
  behindMs: 0,
};

function said() {
  expect(lines).toHaveLength(1);
  const { timestamp: _, _aws, ...line } = JSON.parse(lines[0] ?? '');
  const metrics = _aws?.CloudWatchMetrics.flatMap(
    ({ Dimensions, Metrics }: { Dimensions: string[][]; Metrics: { Name: string }[] }) => {
      expect(Dimensions).toEqual([['bank']]);
      return Metrics.map(({ Name }) => Name);
    },
  );
  return { line, metrics };
}

test('a sweep that finds nothing says so in one line, which has one metric: how far it is behind', async () => {
  await run();
  expect(said()).toEqual({
    line: { level: 'INFO', message: 'sweep', service: 'sweep', bank: 'twinbank', behindMs: 0 },
    metrics: ['behindMs'],
  });
});

test('a sweep says what it found and did, and CloudWatch counts it', async () => {
  const found = { accounts: 9, transfers: 3, expired: 2, failed: 1, oldestTransferMs: 400, behindMs: 70_000 };
  sweepIs(async () => found);
  await run();
  const { line, metrics } = said();
  expect(line).toMatchObject({ bank: 'twinbank', ...found, throttles: 2 });
  expect(metrics.sort()).toEqual([
    'behindMs',
    'expired',
    'failed',
    'oldestTransferMs',
    'throttles',
    'transfers',
  ]);
});

test('a sweep that cannot look fails, and its line says why', async () => {
  await expect(run({ ACCOUNTS_TABLE: 'nowhere' })).rejects.toThrow();
  const { line, metrics } = said();
  expect(line).toMatchObject({ level: 'ERROR', message: 'sweep', bank: 'twinbank' });
  expect(JSON.stringify(line.error)).toMatch(/ResourceNotFound/);
  expect(metrics).toBeUndefined();
});

test('a sweep is told to end while there is time left to say what it did', async () => {
  sweepIs(
    (signal) =>
      new Promise((answer) => {
        signal.addEventListener('abort', () => answer({ ...NOTHING, accounts: 4 }));
      }),
  );
  await run({}, 5_050);
  expect(said().line).toMatchObject({ accounts: 4 });
});
