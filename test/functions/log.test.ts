import { afterEach, expect, test, vi } from 'vitest';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { createLog } from '../../functions/log.ts';

const lines: string[] = [];
const log = createLog(
  'bank',
  () => 1_700_000_000_000,
  (line) => lines.push(line),
);
const said = () => JSON.parse(lines.splice(0).join('')) as Record<string, unknown>;

afterEach(() => {
  vi.unstubAllEnvs();
  lines.length = 0;
});

test('a line is one JSON object from its first character to its end, whatever it says', () => {
  log.info('call', { account: 'joe', outcome: 'a\nb', body: undefined });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(said()).toEqual({
    level: 'INFO',
    message: 'call',
    service: 'bank',
    timestamp: '2023-11-14T22:13:20.000Z',
    account: 'joe',
    outcome: 'a\nb',
  });
});

test('an error is logged with its stack and its cause', () => {
  const cause = new TypeError('a socket hung up');
  log.error('call', { status: 503 }, new StoreUnavailableError('unknown', 'no answer', { cause }));
  expect(said()).toMatchObject({
    level: 'ERROR',
    status: 503,
    error: {
      name: 'StoreUnavailableError',
      message: 'no answer',
      stack: expect.stringContaining('log.test.ts'),
      cause: { name: 'TypeError', message: 'a socket hung up', stack: expect.any(String) },
    },
  });
});

test('a circle of causes is logged no deeper than four times', () => {
  const error = new Error('round');
  error.cause = error;
  log.error('call', {}, error);
  expect(JSON.stringify(said()).match(/"name"/g)).toHaveLength(4);
});

test('a thrown value that is no error is logged as text', () => {
  log.error('call', {}, 'just a string');
  expect(said()).toMatchObject({ error: 'just a string' });
});

test('the line names the trace of the call that it is about', () => {
  vi.stubEnv(
    '_X_AMZN_TRACE_ID',
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  );
  log.info('call', {});
  expect(said()).toMatchObject({ xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793' });
});
