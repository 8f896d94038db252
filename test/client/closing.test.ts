import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { OutcomeUnknownError } from '../../client/index.ts';
import { answer, drop, hang } from '../support/behaviours.ts';
import { test } from '../support/two-regions.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../support/closing-program.ts', import.meta.url));

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
  test('ends although a call and a probe were under way, once the client is closed', async ({ regions }) => {
    const { east, west } = regions;
    east.next(drop);
    east.health = hang;
    west.next(answer, answer, hang);
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, 'close', east.url, west.url]);
    try {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      const exit = once(child, 'close');
      await Promise.all([east.probed(1), west.received(3)]);
      child.stdin.end();

      expect(await exit).toEqual([0, null]);
      expect(output).toBe('outcome_unknown');
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('ends with a client that was not closed, if no call is under way', async ({ regions }) => {
    const child = spawn(process.execPath, [
      '--import',
      'tsx',
      PROGRAM,
      'leave',
      regions.east.url,
      regions.west.url,
    ]);
    try {
      expect(await once(child, 'close')).toEqual([0, null]);
      expect(regions.bank.balanceOf('joe')).toBe(1n);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
