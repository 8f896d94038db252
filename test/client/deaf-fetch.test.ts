import { expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';

const never = new Promise<never>(() => {});

/** Some wrappers and mocks of `fetch` drop the signal that they are given. */
test.each([
  { where: 'before the answer', fetch: () => never },
  { where: 'in the middle of the body', fetch: async () => new Response(new ReadableStream()) },
])('a call ends in time, although a fetch that does not obey its signal hangs $where', async ({ fetch }) => {
  const endpoints = ['http://us-east-1.test', 'http://us-east-2.test'];
  const limits = { attemptTimeoutMs: 50, callTimeoutMs: 200, maxInFlight: 1 };
  const client = new BankClient({ endpoints, ...limits, environment: { fetch, sendsOnce: true } });
  await expect(client.deposit('joe', 1n)).rejects.toMatchObject({ code: 'outcome_unknown' });

  const aborted = new AbortController();
  const abortedCall = client.deposit('joe', 1n, { timeoutMs: 3_600_000, signal: aborted.signal });
  aborted.abort();
  await expect(abortedCall).rejects.toMatchObject({
    code: expect.stringMatching(/outcome_unknown|unavailable/),
  });

  const closedCall = client.deposit('joe', 1n, { timeoutMs: 3_600_000 });
  await client.close();
  await expect(closedCall).rejects.toMatchObject({
    code: expect.stringMatching(/outcome_unknown|unavailable/),
  });
});
