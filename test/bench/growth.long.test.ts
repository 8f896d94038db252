import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { inLanes } from './growth/lanes.ts';
import { measureGrowth } from './growth/measure.ts';
import { accountsNeeded } from './growth/past-calls.ts';
import { FULL_GROWTH, type GrowthPlan, QUICK_GROWTH } from './growth/plan.ts';
import { DIMENSIONS, type GrowthLevel, type GrowthResult } from './growth/result.ts';
import { summarizeGrowth } from './growth/summarize.ts';
import { measured } from './statistics.ts';

const stage = { endpoint: inject('dynamodbEndpoint') };
const never = new AbortController().signal;

const PLAN: GrowthPlan = {
  accounts: [10, 200],
  pastCalls: [1, 30],
  callers: [1, 3, 20],
  rememberedReplies: [0, 30],
  samples: 16,
  sliceCalls: 8,
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
      expect(result[dimension].map(({ level }) => level)).toEqual(PLAN[dimension]);
    }
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(progress.join('\n')).toMatch(/accounts.*past calls.*|past calls.*accounts/s);
  });

  test('is one request, however many accounts, past calls, callers or replies there are', () => {
    const requests = DIMENSIONS.flatMap((dimension) => result[dimension].map((level) => level.requests));
    expect(requests).toEqual(requests.map(() => 1));
  });

  test('is one write unit, and an item of the same size, however many accounts and past calls there are', () => {
    for (const dimension of ['accounts', 'pastCalls'] as const) {
      const [few, many] = result[dimension];
      expect(few).toMatchObject({ writeUnits: 1, remembered: 1, calls: PLAN.samples });
      expect(many).toMatchObject({ writeUnits: 1, remembered: 1, itemBytes: few?.itemBytes });
    }
  });

  test('is more write units when replies make the item larger', () => {
    const [none, thirty] = result.rememberedReplies;
    expect(none).toMatchObject({ remembered: 1, writeUnits: 1 });
    expect(thirty).toMatchObject({ remembered: 31 });
    expect(thirty?.writeUnits).toBe(Math.ceil((thirty?.itemBytes ?? 0) / 1024));
    expect(thirty?.writeUnits).toBeGreaterThan(1);
  });

  test('grows with callers of one account, for each of whom it remembers one reply', () => {
    expect(result.callers.map(({ remembered }) => remembered)).toEqual([1, 3, 20]);
    expect(result.callers.map(({ writeUnits }) => writeUnits > 1)).toEqual([false, false, true]);
  });

  test('is compared with the first level round by round', () => {
    for (const dimension of DIMENSIONS) {
      const [first, ...others] = result[dimension];
      expect(first?.processorVsFirst).toMatchObject({ median: 1, p10: 1, p90: 1 });
      for (const { latencyVsFirst, processorMs } of others) {
        expect(latencyVsFirst.median).toBeGreaterThan(0);
        expect(processorMs.samples).toBe(
          dimension === 'callers' ? PLAN.callersRounds : PLAN.samples / PLAN.sliceCalls,
        );
      }
    }
  });

  test('tells what a reply weighs, from which follows what one account can take', () => {
    const [alone, , many] = result.callers;
    const weight = ((many?.itemBytes ?? 0) - (alone?.itemBytes ?? 0)) / 19;
    expect(result.hotAccount.bytesPerReply).toBeCloseTo(weight);
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
  { rememberedReplies: [0, 1000] },
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
  expect([FULL_GROWTH.accounts, FULL_GROWTH.pastCalls].map((levels) => levels.at(-1))).toEqual([1e6, 1e5]);
});

test('no account is called so often while it is measured that it would belong to another level', () => {
  for (const pastCalls of [1, 10, 100, 1000, 100_000]) {
    const callsEach = Math.ceil(500 / accountsNeeded(pastCalls, 500));
    expect(callsEach).toBeLessThanOrEqual(Math.max(1, pastCalls / 10));
  }
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
    itemBytes: 130,
    remembered: 1,
    processorMs: measured([1]),
    latencyMs: measured([1]),
    callsPerSecond: measured([1000]),
    processorVsFirst: measured([1]),
    latencyVsFirst: measured([1]),
    ...change,
  });

  test('is the measure that strayed furthest at the last level, in either direction', () => {
    const last = level({ processorVsFirst: measured([1.04]), latencyVsFirst: measured([0.9]) });
    const middle = level({ processorVsFirst: measured([3]) });
    const accounts = [level({}), middle, last];
    const pastCalls = [level({}), level({ writeUnits: 2, latencyVsFirst: measured([0.9]) })];
    expect(summarizeGrowth({ accounts, pastCalls })).toEqual({
      accountsVsSmallest: 0.9,
      pastCallsVsFewest: 2,
    });
  });

  test('needs levels', () => {
    expect(() => summarizeGrowth({ accounts: [], pastCalls: [] })).toThrow(RangeError);
  });
});

async function tableNames(): Promise<readonly string[]> {
  const client = new DynamoDBClient({ endpoint: stage.endpoint, region: 'us-east-1' });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  client.destroy();
  return TableNames.filter((name) => name.startsWith('growth-'));
}
