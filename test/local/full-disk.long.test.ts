import { access, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BankLab, balance, deposit, FIRST } from '../support/bank-lab.ts';

/** Linux has a file that every write to fails as on a disk that is full. */
const FULL = '/dev/full';
const hasFull = await access(FULL).then(
  () => true,
  () => false,
);

const lab = new BankLab();
afterAll(() => lab.close());

test.runIf(hasFull)('a Region whose log finds no room reports it once, and goes on', async () => {
  const folder = await lab.folder();
  await symlink(FULL, join(folder, `${FIRST}.log`));
  const bank = await (await lab.start(folder)).ready();
  const { url, pid } = bank.region(FIRST);
  expect(await deposit(url, '10')).toBe('10');
  expect(await deposit(url, '5')).toBe('15');
  await bank.until(() => bank.events.some(({ event }) => event === 'error'));
  expect(bank.events.filter(({ event }) => event === 'error')).toEqual([
    { event: 'error', code: 'log_failed', message: expect.stringMatching(`^${FIRST} cannot write .*ENOSPC`) },
  ]);
  expect(await balance(url)).toBe('15');
  expect(bank.region(FIRST)).toMatchObject({ state: 'up', pid });
});
