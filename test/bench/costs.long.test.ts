import { describe, expect, it } from 'vitest';
import { measureCosts } from './costs/measure.ts';
import { runCalls } from './costs/run-calls.ts';

describe('a stretch of calls', () => {
  it('makes exactly as many as it was asked for, and no more of them at once', async () => {
    let [made, running, most] = [0, 0, 0];
    const { cpuMicros, callsPerSecond } = await runCalls(
      async () => {
        made += 1;
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running -= 1;
      },
      { calls: 25, atOnce: 4 },
    );
    expect([made, most]).toEqual([25, 4]);
    expect(cpuMicros).toBeGreaterThan(0);
    expect(callsPerSecond).toBeGreaterThan(0);
  });

  it('fails when a call fails', async () => {
    await expect(
      runCalls(() => Promise.reject(new Error('answered 503')), { calls: 3, atOnce: 1 }),
    ).rejects.toThrow('answered 503');
  });
});

it('compares the function with the bare SDK and the client with a bare fetch, round by round', async () => {
  const progress: string[] = [];
  const costs = await measureCosts(
    { rounds: 2, calls: 4 },
    (says) => progress.push(says),
    new AbortController().signal,
  );
  expect(costs.handler.cpuVsBare.samples).toBe(2);
  expect(costs.handler.ourCpuMicros.median).toBeGreaterThan(0);
  for (const server of ['instant', 'region'] as const) {
    for (const callers of ['1', '16'] as const) {
      expect(costs.client[server][callers].throughputVsBare.samples).toBe(2);
      expect(costs.client[server][callers].ourCallsPerSecond.median).toBeGreaterThan(0);
    }
  }
  expect(progress.at(-1)).toBe('costs of the client, region server, round 2 of 2');
});

it('ends what it has started when it is given up', async () => {
  const ending = new AbortController();
  const measuring = measureCosts(
    { rounds: 100, calls: 10 },
    (says) => {
      if (says.includes('round 2')) ending.abort(new Error('given up'));
    },
    ending.signal,
  );
  await expect(measuring).rejects.toThrow('given up');
});
