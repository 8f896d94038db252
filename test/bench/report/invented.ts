import type { ColdStartResult, StartTimes } from '../cold-start/result.ts';
import { CONTENDER_NAMES, type ContenderName } from '../contenders/contender.ts';
import type { Compared, ComparedClient } from '../costs/result.ts';
import {
  CALLERS,
  type CallerName,
  type Endings,
  FAULTS,
  type Outage,
  type OutageFigures,
} from '../failover/result.ts';
import { hotAccountOf } from '../growth/hot-account.ts';
import { QUICK_GROWTH } from '../growth/plan.ts';
import type { Dimension, GrowthLevel } from '../growth/result.ts';
import type { Measured, Results } from '../results.ts';
import { latencies, measured } from '../statistics.ts';
import type { Summary } from '../summary.ts';
import type { ThroughputResult } from '../throughput.ts';
import { OPERATIONS } from '../work.ts';

/** Results as no run has had them, to try the report on: as long as real ones, and with an ending of every kind. */
export function inventedResults(change: Partial<Results> = {}): Results {
  return {
    summary: inventedSummary(),
    machine: {
      processor: 'A Processor <of> 3 & more GHz',
      cores: 2,
      memoryGb: 23,
      system: 'linux 6.1.0 x64',
      node: 'v20.20.2',
      dynamodb: 'DynamoDB Local in a container (dynamodb-local:3.3.1)',
      loadAverage: 0.25,
    },
    options: { kind: 'full', seed: 1_234_567_890, tookSeconds: 912 },
    work: CONTENDER_NAMES.flatMap((contender, index) =>
      OPERATIONS.map((operation) => ({
        contender,
        operation,
        work: {
          requests: 1 + index,
          writeUnits: 1 + index / 2,
          readUnits: 0,
          sentBytes: 1234.5,
          receivedBytes: 456,
        },
        safe: contender !== 'bare' || operation === 'balance',
      })),
    ),
    deaths: CONTENDER_NAMES.map((contender) => ({
      contender,
      balanceMinor: contender === 'bank' ? 10 : 20,
      executed: contender === 'bank' ? 'once' : 'twice',
      stuckMs: contender === 'powertools' ? 10_021 : null,
      retrySays: contender === 'powertools' ? 'IdempotencyAlreadyInProgressError' : 'executed, balance 10',
      lastRetrySays: 'executed, balance 20',
    })),
    throughput: (['many_accounts', 'one_account'] as const).flatMap((spread) =>
      [1, 16, 64].map((callers) => ({ spread, callers, contenders: throughputOf(callers) })),
    ),
    costs: {
      handler: compared(1.21, 480),
      client: {
        region: { '1': comparedClient(0.95), '16': comparedClient(0.97) },
        instant: { '1': comparedClient(0.71), '16': comparedClient(0.66) },
      },
    },
    coldStart: coldStart(),
    failover: {
      plan: { trials: 5, laterCalls: 20, slowCalls: 400, seed: 7 },
      hedgeAfterMs: 100,
      outages: FAULTS.filter((fault) => fault !== 'slow').flatMap((fault) =>
        CALLERS.map((caller, index) => outage(fault, caller, index)),
      ),
      slowDelays: latencies([20, 30, 500, 2000]),
      slow: CALLERS.map((caller) => ({
        caller,
        healthyMs: around(4),
        left: 2,
        backMs: around(5012),
        latencies: latencies([21, 25, 333, 10_004]),
        ended: { ...ALL_ANSWERED, unknown: caller === 'bank' ? 2 : 0 },
      })),
      accounting: { calls: 12_345, answered: 12_000, unavailable: 45, settled: 300 },
    },
    growth: {
      plan: { ...QUICK_GROWTH, seed: 7 },
      accounts: levels('accounts', [100, 10_000, 1_000_000]),
      entries: levels('entries', [2_000, 10_000, 100_000]),
      retries: levels('retries', [2_000, 10_000, 100_000]),
      lateKeys: levels('lateKeys', [2_000, 10_000, 100_000]),
      statements: levels('statements', [2_000, 10_000, 100_000]),
      callers: levels('callers', [1, 16, 256]),
      hotAccount: hotAccountOf([
        { itemBytes: 980, entries: 20 },
        { itemBytes: 9_680, entries: 220 },
      ]),
    },
    ...change,
  };
}

/** A summary with every goal reached. */
export function inventedSummary(change: Partial<Summary> = {}): Summary {
  return {
    requestsPerCall: 1.2,
    writeUnitsPerCall: 1.35,
    cacheRequestsPerCall: 0.1,
    cacheWriteUnitsPerCall: 1,
    throughputVsBare: { '1': 0.91, '16': 0.85, '64': 0.88 },
    throughputVsPowertools: { '1': 2.8, '16': 2.5, '64': 3.1 },
    throughputVsTransaction: { '1': 1.6, '16': 1.9, '64': 1.01 },
    handlerCpuVsBare: 1.35,
    clientVsFetch: 0.9,
    clientVsFetchToRegion: 0.97,
    coldStartVsSdkOnly: 1.2,
    bundleBytes: 740_123,
    bundleVsSdkOnly: 1.2,
    failover: { killedExtraMs: 10, frozenFirstMs: 2004, frozenHedgedMs: 106, laterExtraMs: -0.2 },
    growth: {
      accountsVsSmallest: 1.02,
      entriesVsFewest: 0.97,
      retryRequests: 3,
      statementRequests: 3,
      headBytes: 8000,
    },
    ...change,
  };
}

const ALL_ANSWERED: Endings = { answered: 100, unavailable: 0, unknown: 0, timed_out: 0 };

function around(value: number): Measured {
  return measured([value * 0.9, value, value * 1.1]);
}

function throughputOf(callers: number): ThroughputResult['contenders'] {
  const of = (name: ContenderName, vs: number) => ({
    callsPerSecond: around(name === 'bank' ? 900 : 900 / vs),
    latencies: latencies([callers * 1.2, callers * 1.4 * vs, callers * 40]),
    bankVs: around(vs),
  });
  return {
    bank: of('bank', 1),
    bare: of('bare', 0.9),
    powertools: of('powertools', 3.1),
    transaction: of('transaction', 1.6),
  };
}

function compared(ratio: number, micros: number): Compared {
  return {
    ourCpuMicros: around(micros * ratio),
    bareCpuMicros: around(micros),
    cpuVsBare: around(ratio),
  };
}

function comparedClient(ratio: number): ComparedClient {
  return {
    ...compared(1 / ratio, 300),
    ourCallsPerSecond: around(1500 * ratio),
    bareCallsPerSecond: around(1500),
    throughputVsBare: around(ratio),
  };
}

function coldStart(): ColdStartResult {
  const times = (of: number): StartTimes => ({
    answeredMs: around(330 * of),
    bootMs: around(60),
    importMs: around(180 * of),
    firstCallMs: around(90 * of),
    processorMs: around(400 * of),
  });
  const names = ['@aws-sdk/client-dynamodb', '@smithy/core', 'functions/', 'valibot', ...'abcdefgh'];
  return {
    node: 'v20.20.2',
    bundles: {
      bank: { bytes: 740_123, gzippedBytes: 201_000 },
      sdk_only: { bytes: 640_000, gzippedBytes: 180_000 },
    },
    parts: names.map((name, index) => ({ name, bytes: 300_000 / (index + 1) })),
    starts: { bank: times(1.1), sdk_only: times(1) },
    ratios: {
      bytes: 1.16,
      gzippedBytes: 1.12,
      answeredMs: 1.08,
      bootMs: 1,
      importMs: 1.1,
      firstCallMs: 1.1,
      processorMs: 1.1,
    },
  };
}

function outage(fault: Outage, caller: CallerName, index: number): OutageFigures {
  const firstMs = [6, 106, 10_012, 2004][index] ?? 1;
  const fails = caller === 'one_address';
  return {
    fault,
    caller,
    healthyMs: around(4),
    left: fails ? 0 : 5,
    backMs: fails ? null : around(5012),
    firstBeganAfterMs: around(1),
    firstMs: around(firstMs),
    firstExtraMs: around(firstMs - 4),
    firstEnded: fails ? { answered: 0, unavailable: 0, unknown: 2, timed_out: 3 } : ALL_ANSWERED,
    followingMs: around(fails ? 10_012 : 4.4),
    followingExtraMs: around(fails ? 10_008 : 0.4),
    followingEnded: fails ? { answered: 0, unavailable: 60, unknown: 0, timed_out: 40 } : ALL_ANSWERED,
  };
}

function levels(dimension: Dimension, all: readonly number[]): GrowthLevel[] {
  const grows = dimension === 'callers';
  return all.map((level, index) => {
    const entries = 20 + (grows ? level : 0);
    const itemBytes = 110 + 43.5 * entries;
    const isRead = dimension === 'statements';
    return {
      level,
      calls: 1200,
      requests: 1,
      writeUnits: isRead ? 0 : Math.ceil(itemBytes / 1024),
      readUnits: isRead ? 3 : 0,
      itemBytes,
      entries,
      processorMs: around(0.7 * (grows ? 1 + index / 2 : 1)),
      latencyMs: around(1.3 * (grows ? 1 + 20 * index : 1)),
      callsPerSecond: around(700),
      processorVsFirst: around(grows ? 1 + index / 2 : 1),
      latencyVsFirst: around(grows ? 1 + 20 * index : 1.02),
    };
  });
}
