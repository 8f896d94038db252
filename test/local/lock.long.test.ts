import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { BankLab } from '../support/bank-lab.ts';

const lab = new BankLab();
const children: ChildProcess[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map(killed));
  await lab.close();
});

async function ready(): Promise<ChildProcess> {
  const child = fork(new URL('./claiming-program.ts', import.meta.url), {
    execArgv: ['--import', 'tsx'],
  });
  children.push(child);
  await once(child, 'message');
  return child;
}

async function claim(child: ChildProcess, folder: string): Promise<string> {
  const answer = once(child, 'message');
  child.send(folder);
  const [said] = await answer;
  return said;
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGKILL');
  await exit;
}

test('a folder whose owner was killed can be claimed again, and by one process only while that lives', async () => {
  const folder = await lab.folder();
  const first = await ready();
  expect(await claim(first, folder)).toBe('claimed');
  expect(await claim(await ready(), folder)).toBe('data_folder_in_use');
  await killed(first);
  expect(await claim(await ready(), folder)).toBe('claimed');
});

test('of processes that claim a folder at the same moment one gets it and never two, also where a killed one left its claim', async () => {
  const winners: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const folder = await lab.folder();
    const stale = await ready();
    await claim(stale, folder);
    await killed(stale);
    const rivals = await Promise.all([ready(), ready(), ready()]);
    const said = await Promise.all(rivals.map((rival) => claim(rival, folder)));
    winners.push(said.filter((each) => each === 'claimed').length);
    await Promise.all(rivals.map(killed));
  }
  // Rivals may get in each other's way in a round, but not in all of them.
  expect(Math.max(...winners)).toBe(1);
});
