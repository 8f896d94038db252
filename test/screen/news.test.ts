import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { News } from '../../infra/local/screen/news.ts';
import { Changes, sendNews } from '../../infra/local/screen/send-news.ts';

const REGION = { event: 'region', region: 'us-east-1', url: 'http://127.0.0.1:3020', pid: 1 } as const;
const LINE = JSON.stringify({ message: 'call', operation: 'balance', outcome: 'answered', durationMs: 1 });

/** A page that receives the news of a bank of one Region, on a clock that stands still. */
function receive() {
  vi.useFakeTimers();
  const changes = new Changes();
  const status = vi.fn(() => [{ ...REGION, state: 'up' as const }]);
  const page = new PassThrough({ highWaterMark: 100_000 });
  const gone = new AbortController();
  const sent = sendNews({ status }, changes, page, gone.signal);
  onTestFinished(async () => {
    gone.abort();
    await vi.runAllTimersAsync();
    await sent;
    expect(changes.eventNames()).toEqual([]);
    vi.useRealTimers();
  });
  const news = (): readonly News[] =>
    String(page.read() ?? '')
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.replace('data: ', '')) as News);
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { changes, status, news, pass };
}

test('a page receives each change at once, and while nothing changes the bank is not looked at', async () => {
  const { changes, status, news, pass } = receive();
  expect(news()).toMatchObject([{ regions: [{ region: 'us-east-1', state: 'up' }], calls: [] }]);
  await pass(1_000);
  expect(vi.getTimerCount()).toBe(0);
  await pass(3_600_000);
  expect(status).toHaveBeenCalledTimes(1);
  changes.emit('log', 'us-east-1', `${LINE}\n`);
  await pass(0);
  expect(news()).toMatchObject([{ calls: [{ region: 'us-east-1', operation: 'balance' }] }]);
  await pass(1_000);
  changes.emit('region');
  await pass(0);
  expect(news()).toMatchObject([{ calls: [] }]);
  await pass(1_000);
  changes.emit('log', 'us-east-1', 'Error: a stack\n    at nowhere\n');
  await pass(1_000);
  expect(news()).toEqual([]);
  expect(status).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('many changes in a moment are one event, and none of them is left out', async () => {
  const { changes, news, pass } = receive();
  expect(news()).toHaveLength(1);
  for (let call = 0; call < 500; call += 1) {
    changes.emit('log', 'us-east-1', `${LINE}\n${LINE}\n`);
  }
  await pass(1_000);
  const [{ calls } = { calls: [] }, ...others] = news();
  expect(calls).toHaveLength(1_000);
  expect(others).toEqual([]);
});
