import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { inLanes } from './growth/lanes.ts';
import { LATE_KEYS, measureGrowth } from './growth/measure.ts';
import { FULL_GROWTH, type GrowthPlan, QUICK_GROWTH } from './growth/plan.ts';
import { DIMENSIONS, type GrowthLevel, type GrowthResult } from './growth/result.ts';
import { summarizeGrowth } from './growth/summarize.ts';
import { measured } from './statistics.ts';

const stage = { endpoint: inject('dynamodbEndpoint') };
const never = new AbortController().signal;

const PLAN: GrowthPlan = {
  accounts: [10, 200],
  entries: [1_300, 3_000],
  callers: [1, 3, 20],
  samples: 20,
  sliceCalls: 10,
  callersRounds: 1,
  seed: 5,
};

beforeAll(() => {
  for (const [name, value] of Object.entries(awsEnvironment(stage.endpoint, 'us-east-1')))
    vi.stubEnv(name, value);
});

describe('what a call costs as things grow', () => {
  let result: GrowthResult;
  let tablesBefore: readonly string[];
  const progress: string[] = [];

  beforeAll(async () => {
    tablesBefore = await tableNames();
    result = await measureGrowth(stage, PLAN, (says) => progress.push(says), never);
  });

  test('is told for each level of the plan, as plain JSON data', () => {
    for (const dimension of DIMENSIONS) {
      const planned = dimension === 'accounts' || dimension === 'callers' ? PLAN[dimension] : PLAN.entries;
      expect(result[dimension].map(({ level }) => level)).toEqual(planned);
    }
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(progress.join('\n')).toMatch(/retries.*statements.*entries.*late keys.*callers.*accounts/s);
  });

  test('is one request and the turning of a page in ten calls, however many accounts and entries there are', () => {
    for (const dimension of ['accounts', 'entries'] as const) {
      const [few, many] = result[dimension];
      expect(few).toMatchObject({ requests: 1.2, entries: 20, calls: PLAN.samples });
      expect(many).toMatchObject({ requests: 1.2, entries: 20, writeUnits: few?.writeUnits });
    }
  });

  test('is two requests for a retry whose reply is cached, and two for a statement, however many entries there are', () => {
    for (const level of result.retries) expect(level).toMatchObject({ requests: 2, writeUnits: 1 });
    for (const level of result.statements) expect(level).toMatchObject({ requests: 2, writeUnits: 0 });
  });

  test('is a search of the pages of 20 minutes for a key that comes late, however many entries there are', () => {
    const [few, many] = result.lateKeys;
    expect(few?.requests).toBeGreaterThan(5);
    expect(many?.requests).toBe(few?.requests);
  });

  test('grows with callers of one account, whose entries come while a page is turned', () => {
    const [alone, , many] = result.callers;
    // Twenty, and those of the calls that are made while a page is being turned: that is up to the machine.
    expect(alone?.entries).toBeGreaterThanOrEqual(20);
    expect(many?.entries).toBeGreaterThan(alone?.entries ?? 0);
  });

  test('is compared with the first level round by round', () => {
    for (const dimension of DIMENSIONS) {
      const [first, ...others] = result[dimension];
      expect(first?.processorVsFirst).toMatchObject({ median: 1, p10: 1, p90: 1 });
      for (const { latencyVsFirst, processorMs } of others) {
        expect(latencyVsFirst.median).toBeGreaterThan(0);
        expect(processorMs.samples).toBe(
          { callers: PLAN.callersRounds, lateKeys: LATE_KEYS.rounds }[dimension as string] ??
            PLAN.samples / PLAN.sliceCalls,
        );
      }
    }
  });

  test('tells what an entry weighs, from which follows what one account can take', () => {
    const [alone, , many] = result.callers;
    if (alone === undefined || many === undefined) throw new Error('callers were not measured');
    const bytes = many.itemBytes - alone.itemBytes;
    expect(result.hotAccount.bytesPerEntry).toBeCloseTo(bytes / (many.entries - alone.entries));
  });

  test('leaves no tables behind', async () => {
    expect(await tableNames()).toEqual(tablesBefore);
  });
});

test('growth is not measured any more when the run is given up, and leaves no tables behind', async () => {
  const before = await tableNames();
  const abort = new AbortController();
  const measuring = measureGrowth(stage, PLAN, () => abort.abort(new Error('given up')), abort.signal);
  await expect(measuring).rejects.toThrow('given up');
  expect(await tableNames()).toEqual(before);
});

test.each([
  { accounts: [] },
  { accounts: [100, 10] },
  { callers: [0, 4] },
  { callers: [4] },
  { accounts: [15, 100] },
  { entries: [1_200] },
  { samples: 0.5 },
  { sliceCalls: 0 },
  { seed: Number.NaN },
])('a plan with %j cannot be measured', async (change) => {
  const measuring = measureGrowth(stage, { ...PLAN, ...change }, () => {}, never);
  await expect(measuring).rejects.toMatchObject({ name: 'GrowthError', code: 'plan_unusable' });
});

test('the plans that are offered can be measured, and the full one goes as far as it says', async () => {
  const given = AbortSignal.abort(new Error('given up'));
  for (const plan of [QUICK_GROWTH, FULL_GROWTH]) {
    await expect(measureGrowth(stage, { ...plan, seed: 1 }, () => {}, given)).rejects.toThrow('given up');
  }
  expect([FULL_GROWTH.accounts, FULL_GROWTH.entries].map((levels) => levels.at(-1))).toEqual([1e6, 1e5]);
});

describe('steps in lanes', () => {
  test('go on until there are none left', async () => {
    const done: number[] = [];
    const steps = [1, 2, 3, 4, 5].values();
    const doStep = async (step: number) => {
      await Promise.resolve();
      done.push(step);
    };
    const begin = () => {
      const { value } = steps.next();
      return value === undefined ? undefined : doStep(value);
    };
    await inLanes(2, begin, never);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test('end in all lanes when one fails', async () => {
    let begun = 0;
    const fail = () => Promise.reject(new Error(`step ${begun}`));
    const begin = () => (++begun === 3 ? fail() : new Promise<void>((resolve) => setImmediate(resolve)));
    await expect(inLanes(2, begin, never)).rejects.toThrow('step 3');
    expect(begun).toBeLessThan(6);
  });
});

describe('the summary of growth', () => {
  const level = (change: Partial<GrowthLevel>): GrowthLevel => ({
    level: 1,
    calls: 10,
    requests: 1,
    writeUnits: 1,
    readUnits: 0,
    itemBytes: 130,
    entries: 20,
    processorMs: measured([1]),
    latencyMs: measured([1]),
    callsPerSecond: measured([1000]),
    processorVsFirst: measured([1]),
    latencyVsFirst: measured([1]),
    ...change,
  });

  const one = [level({})];
  const others = { accounts: one, entries: one, retries: one, statements: one, callers: one };

  test('is the measure that strayed furthest at the last level, in either direction', () => {
    const last = level({ processorVsFirst: measured([1.04]), latencyVsFirst: measured([0.9]) });
    const middle = level({ processorVsFirst: measured([3]) });
    const accounts = [level({}), middle, last];
    const entries = [level({}), level({ writeUnits: 2, latencyVsFirst: measured([0.9]) })];
    expect(summarizeGrowth({ ...others, accounts, entries })).toMatchObject({
      accountsVsSmallest: 0.9,
      entriesVsFewest: 2,
    });
  });

  test('tells the requests of the last level, and the head with 64 callers', () => {
    const levels = [level({}), level({ requests: 3 })];
    const callers = [16, 64, 256].map((each) => level({ level: each, itemBytes: 100 * each }));
    expect(summarizeGrowth({ ...others, retries: levels, statements: levels, callers })).toMatchObject({
      retryRequests: 3,
      statementRequests: 3,
      headBytes: 6_400,
    });
  });

  test('needs levels', () => {
    expect(() => summarizeGrowth({ ...others, accounts: [] })).toThrow(RangeError);
  });
});

async function tableNames(): Promise<readonly string[]> {
  const client = new DynamoDBClient({ endpoint: stage.endpoint, region: 'us-east-1' });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  client.destroy();
  return TableNames.filter((name) => name.startsWith('growth-'));
}
