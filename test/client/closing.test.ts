import { describe, expect, onTestFinished } from 'vitest';
import { OutcomeUnknownError } from '../../client/index.ts';
import { answer, drop, hang } from '../support/behaviours.ts';
import { programIn, startProgram } from '../support/program.ts';
import { until } from '../support/promises.ts';
import { test } from '../support/two-regions.ts';

const PROGRAM = programIn('test/client/closing-program.ts');

describe('closing a client', () => {
  test('ends calls that are under way as if they had been aborted, and says why', async ({ regions }) => {
    regions.east.usually = hang;
    const client = regions.client();
    const call = client.deposit('joe', 10n);
    call.catch(() => {});
    const { key } = await regions.east.received(1);
    await client.close();

    await expect(call).rejects.toBeInstanceOf(OutcomeUnknownError);
    await expect(call).rejects.toMatchObject({
      key,
      cause: { name: 'AbortError', message: 'the client was closed' },
    });
    expect(regions.arrivals).toHaveLength(1);
    expect(regions.time.timers).toBe(0);
  });

  test('ends a probe of the preferred endpoint', async ({ regions }) => {
    regions.east.next(drop);
    regions.east.health = hang;
    const client = regions.client({ probeIntervalMs: 1000 });
    await client.deposit('joe', 1n);
    await client.deposit('joe', 1n);
    regions.time.advance(1000);
    await client.deposit('joe', 1n);
    await regions.east.probed(1);
    expect(regions.time.timers).toBe(1);
    await client.close();
    // The abort takes effect within a few turns of the event loop. Nothing else would end the probe.
    await until(() => regions.time.timers === 0);
  });

  test('makes every later call fail without sending anything', async ({ regions }) => {
    const client = regions.client();
    await client.close();
    await client.close();

    await expect(client.deposit('joe', 1n)).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.balance('joe')).rejects.toMatchObject({ name: 'AbortError' });
    expect(regions.arrivals).toEqual([]);
  });

  test('comes with the end of an `await using` block', async ({ regions }) => {
    let kept: ReturnType<typeof regions.client>;
    {
      await using client = regions.client();
      kept = client;
      await client.deposit('joe', 1n);
    }

    await expect(kept.deposit('joe', 1n)).rejects.toMatchObject({ name: 'AbortError' });
    expect(regions.bank.balanceOf('joe')).toBe(1n);
  });
});

describe('a process', () => {
  test('ends although a call and a probe were under way, once the client is closed', async ({
    east,
    west,
  }) => {
    east.next(drop);
    east.health = hang;
    west.next(answer, answer, hang);
    const { child, ended } = startProgram([...PROGRAM, 'close', east.url, west.url], { stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await Promise.all([east.probed(1), west.received(3)]);
    child.stdin?.end();

    expect(await ended).toMatchObject({ code: 0, stdout: 'outcome_unknown' });
  });

  test('ends with a client that was not closed, if no call is under way', async ({ regions, east, west }) => {
    const { child, ended } = startProgram([...PROGRAM, 'leave', east.url, west.url], { stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));

    expect(await ended).toMatchObject({ code: 0 });
    expect(regions.bank.balanceOf('joe')).toBe(1n);
  });
});
