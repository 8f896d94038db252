import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findRunning } from '../../infra/local/running.ts';
import { BankLab, deposit, FIRST, SECOND } from '../support/bank-lab.ts';
import {
  containers,
  descendants,
  killContainer,
  type ProcessInfo,
  survivors,
  untilGone,
} from '../support/leftovers.ts';
import { pause } from '../support/started-bank.ts';

const lab = new BankLab();
afterAll(() => lab.close());

describe('nothing is left', () => {
  test('after quit, but the balances, where they have a folder', async () => {
    const folder = await lab.folder();
    const bank = await (await lab.start(folder)).ready();
    expect(await deposit(bank.region(FIRST).url, '7')).toBe('7');
    const known = await descendants(bank.pid);
    bank.say('quit');
    expect(await bank.exit).toBe(0);
    expect(await survivors(known)).toEqual([]);
    expect(await containers(folder)).toEqual([]);

    const again = await (await lab.start(folder)).ready();
    expect(await deposit(again.region(FIRST).url, '1')).toBe('8');
  });

  test('after Ctrl-C, even of a Region that is frozen', async () => {
    const folder = await lab.folder();
    const bank = await (await lab.start(folder)).ready();
    await bank.order('freeze', SECOND);
    const known = await descendants(bank.pid);
    bank.signal('SIGINT');
    expect(await bank.exit).toBe(0);
    expect(await survivors(known)).toEqual([]);
    expect(await containers(folder)).toEqual([]);
  });

  test('after SIGKILL of the parent, even of a Region that is frozen; and the folder can be used again', async () => {
    const folder = await lab.folder();
    const bank = await (await lab.start(folder)).ready();
    await bank.order('freeze', SECOND);
    const known = await descendants(bank.pid);
    bank.signal('SIGKILL');
    expect(await bank.exit).toBe('SIGKILL');
    await untilGone(known, folder);
    await expect(findRunning(folder)).rejects.toMatchObject({ code: 'not_running' });

    const next = await (await lab.start(folder)).ready();
    next.say('quit');
    expect(await next.exit).toBe(0);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('after %s during the start', async (signal) => {
    const folder = await lab.folder();
    const bank = await lab.start(folder);
    let known = await descendants(bank.pid);
    // Before it has a process of its own, the parent may not handle a signal yet.
    while (!known.some(({ command }) => command.includes('supervise.mjs'))) {
      await pause();
      known = await descendants(bank.pid);
    }
    bank.signal(signal);
    expect(await bank.exit).toBe(0);
    expect(bank.lines).toEqual([]);
    expect(await survivors(known)).toEqual([]);
    expect(await containers(folder)).toEqual([]);
  });

  async function loseDynamoDB(folder: string, known: readonly ProcessInfo[]): Promise<void> {
    const java = known.find(({ command }) => command.includes('DynamoDBLocal.jar'));
    if (java) {
      process.kill(java.pid, 'SIGKILL');
    }
    for (const id of await containers(folder)) {
      await killContainer(id);
    }
  }

  test('after DynamoDB is lost, which ends the bank with one sentence', async () => {
    const folder = await lab.folder();
    const bank = await (await lab.start(folder)).ready();
    const known = await descendants(bank.pid);
    await loseDynamoDB(folder, known);
    expect(await bank.exit).toBe(1);
    expect(bank.events.at(-1)).toMatchObject({ event: 'error', code: 'dynamodb_lost' });
    expect(bank.stderr.trim().split('\n')).toHaveLength(1);
    expect(await survivors(known)).toEqual([]);
    await untilGone(known, folder);
  });

  test('after DynamoDB is lost while the Regions start, which ends the bank with one sentence', async () => {
    const folder = await lab.folder();
    const bundle = join(folder, 'slow.mjs');
    await writeFile(
      bundle,
      'await new Promise((loaded) => setTimeout(loaded, 5000)); export const handler = () => {};',
    );
    const bank = await lab.start(folder, ['--bundle', bundle]);
    let known = await descendants(bank.pid);
    while (!known.some(({ command }) => command.includes('serve.mjs'))) {
      await pause();
      known = await descendants(bank.pid);
    }
    await loseDynamoDB(folder, known);
    expect(await bank.exit).toBe(1);
    expect(bank.events.at(-1)).toMatchObject({ event: 'error', code: 'dynamodb_lost' });
    expect(bank.stderr.trim().split('\n')).toHaveLength(1);
    await untilGone(known, folder);
  });
});
