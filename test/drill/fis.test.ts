import { describe, expect, test } from 'vitest';
import { DrillError } from '../../infra/tools/drill/fault.ts';
import { FisFault } from '../../infra/tools/drill/fis.ts';
import { refusingUrl } from '../support/dead-endpoints.ts';
import { FakeFis, type FisTrouble } from './fake-fis.ts';

const NEVER = new AbortController().signal;
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const ROLE_NOT_USABLE: FisTrouble = {
  kind: 'refuse',
  status: 400,
  type: 'ValidationException',
  message: 'The experiment template role arn:aws:iam::123456789012:role/drill cannot be assumed.',
};
const FORBIDDEN: FisTrouble = {
  kind: 'refuse',
  status: 403,
  type: 'AccessDeniedException',
  message:
    'User: arn:aws:sts::123456789012:assumed-role/me is not authorized to perform: fis:StartExperiment',
};
const UNCLEAR: FisTrouble = { kind: 'refuse', status: 500, type: 'InternalError', message: 'sorry' };

/** A machine that is busy must not count as an FIS that hangs, so only the tests of that are in a hurry. */
function faultAt(url: string, timeoutMs = 60_000): FisFault {
  return new FisFault({
    name: 'replication',
    region: 'us-east-1',
    templateId: 'EXT1',
    run: 'run-1',
    credentials: () => Promise.resolve(CREDENTIALS),
    url,
    timeoutMs,
    pauseMs: 5,
  });
}

function failStarts(fis: FakeFis, times: number, trouble: FisTrouble): void {
  fis.troubles.push(...Array.from({ length: times }, () => ({ method: 'POST', trouble }) as const));
}

describe('a fault of FIS', () => {
  test('is started from its template, is running, and is stopped, by signed requests', async () => {
    await using fis = await FakeFis.start();
    const fault = faultAt(fis.url);

    await fault.start(NEVER);
    expect(await fault.state()).toMatchObject({ kind: 'running' });
    await fault.stop();
    expect(await fault.state()).toEqual({ kind: 'ended' });

    expect(fis.requests.slice(0, 3).map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      {
        method: 'POST',
        path: '/experiments',
        body: { clientToken: 'run-1', experimentTemplateId: 'EXT1', tags: { TwinbankDrill: 'run-1' } },
      },
      { method: 'GET', path: '/experiments/EXP1', body: {} },
      { method: 'DELETE', path: '/experiments/EXP1', body: {} },
    ]);
    for (const { headers } of fis.requests) {
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/fis\/aws4_request, /,
      );
      expect(headers['x-amz-security-token']).toBe('token');
    }
  });

  test('that was never started is not stopped', async () => {
    await using fis = await FakeFis.start();
    await faultAt(fis.url).stop();
    expect(fis.requests).toEqual([]);
  });

  test.each([
    { status: 'completed', reason: 'done', state: { kind: 'ended' } },
    {
      status: 'failed',
      reason: 'Target resolution returned empty set',
      state: { kind: 'failed', reason: 'the experiment EXP1 failed: Target resolution returned empty set' },
    },
    {
      status: 'stopped',
      reason: 'Experiment halted by stop condition.',
      state: {
        kind: 'failed',
        reason: 'the experiment EXP1 was not stopped by this drill: Experiment halted by stop condition.',
      },
    },
  ])(
    'that has $status without the drill says so, and is left as it is',
    async ({ status, reason, state }) => {
      await using fis = await FakeFis.start();
      const fault = faultAt(fis.url);
      await fault.start(NEVER);
      Object.assign(fis.experiments[0] ?? {}, { status, reason });
      expect(await fault.state()).toEqual(state);
      await fault.stop();
      expect(fis.experiments).toMatchObject([{ status }]);
    },
  );

  test('waits for a role that cannot be used yet', async () => {
    await using fis = await FakeFis.start();
    failStarts(fis, 11, ROLE_NOT_USABLE);
    await faultAt(fis.url).start(NEVER);
    expect(fis.methods).toEqual(Array.from({ length: 12 }, () => 'POST'));

    failStarts(fis, 12, ROLE_NOT_USABLE);
    await expect(faultAt(fis.url).start(NEVER)).rejects.toThrow(/cannot be assumed/);
  });

  test('that is forbidden is not asked for twice, and FIS is quoted', async () => {
    await using fis = await FakeFis.start();
    failStarts(fis, 1, FORBIDDEN);
    const fault = faultAt(fis.url);

    await expect(fault.start(NEVER)).rejects.toThrow(DrillError);
    expect(fis.methods).toEqual(['POST']);
    failStarts(fis, 1, FORBIDDEN);
    await expect(fault.start(NEVER)).rejects.toThrow(
      /^The fault was not started: AccessDeniedException: User: .*fis:StartExperiment \(403\)$/,
    );
    await fault.stop();
    expect(fis.methods).toEqual(['POST', 'POST']);
  });

  test.each<FisTrouble>([
    { kind: 'lose' },
    { kind: 'hang' },
    { kind: 'refuse', status: 503, type: 'Unavailable', message: 'try again' },
  ])('is started once however often the start has to be repeated: $kind', async (trouble) => {
    await using fis = await FakeFis.start();
    failStarts(fis, 2, trouble);
    const fault = faultAt(fis.url, 1000);
    await fault.start(NEVER);
    await fault.stop();
    expect(fis.experiments).toMatchObject([{ id: 'EXP1', status: 'stopped' }]);
  });

  test('is found and stopped when the answers to its start were all lost', async () => {
    await using fis = await FakeFis.start();
    failStarts(fis, 12, { kind: 'lose' });
    const fault = faultAt(fis.url);

    await expect(fault.start(NEVER)).rejects.toMatchObject({ code: 'fault_failed' });
    expect(fis.experiments).toMatchObject([{ status: 'running' }]);
    await fault.stop();
    expect(fis.experiments).toMatchObject([{ status: 'stopped' }]);
  });

  test('is left to the operator when its start was not answered and FIS lists no such experiment', async () => {
    await using fis = await FakeFis.start();
    failStarts(fis, 12, UNCLEAR);
    const fault = faultAt(fis.url);

    await expect(fault.start(NEVER)).rejects.toMatchObject({ code: 'fault_failed' });
    await expect(fault.stop()).rejects.toMatchObject({
      code: 'fault_not_stopped',
      message: expect.stringMatching(
        /FIS lists no such experiment\): aws fis list-experiments --region us-east-1 --experiment-template-id EXT1$/,
      ),
    });
  });

  test('is stopped although FIS does not answer at first', async () => {
    await using fis = await FakeFis.start();
    const fault = faultAt(fis.url, 1000);
    await fault.start(NEVER);
    fis.troubles.push(
      { method: 'DELETE', trouble: { kind: 'hang' } },
      { method: 'GET', trouble: UNCLEAR },
      { method: 'DELETE', trouble: { kind: 'lose' } },
    );
    await fault.stop();
    expect(fis.experiments).toMatchObject([{ status: 'stopped' }]);
  });

  test('that cannot be stopped is reported to the operator, with the command that stops it', async () => {
    const fis = await FakeFis.start();
    const fault = faultAt(fis.url);
    await fault.start(NEVER);
    await fis[Symbol.asyncDispose]();

    await expect(fault.stop()).rejects.toMatchObject({
      code: 'fault_not_stopped',
      message: expect.stringMatching(
        /by hand \(FIS in us-east-1 cannot be reached: .*\): aws fis stop-experiment --region us-east-1 --id EXP1$/,
      ),
    });
    expect(await fault.state()).toEqual({ kind: 'running' });
  });

  test('is given up when the operator ends it while FIS is away', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const fault = faultAt(await refusingUrl());
    await expect(fault.start(interruption.signal)).rejects.toMatchObject({ code: 'fault_failed' });
  });
});
