import { access, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BankLab, balance, deposit, FIRST } from '../support/bank-lab.ts';
import { call, type StartedBank } from '../support/started-bank.ts';

/** Linux has a file that every write to fails as on a disk that is full. */
const FULL = '/dev/full';
const hasFull = await access(FULL).then(
  () => true,
  () => false,
);

const lab = new BankLab();
afterAll(() => lab.close());

/** The options of a bank whose function runs these lines before its Region is ready. */
async function runningAtStart(folder: string, lines: string): Promise<readonly string[]> {
  const bundle = join(folder, 'own.mjs');
  await writeFile(bundle, `${lines}\nexport const handler = async () => ({ statusCode: 204 });\n`);
  return ['--bundle', bundle];
}

describe.runIf(hasFull)('a Region whose log finds no room', () => {
  /** Waits for the error, and expects no second one. */
  async function expectOneError(bank: StartedBank): Promise<void> {
    const errors = () => bank.events.filter(({ event }) => event === 'error');
    await bank.until(() => errors().length > 0);
    expect(errors()).toEqual([
      {
        event: 'error',
        code: 'log_failed',
        message: expect.stringMatching(`^${FIRST} cannot write .*ENOSPC`),
      },
    ]);
  }

  test('reports it once, and goes on', async () => {
    const folder = await lab.folder();
    await symlink(FULL, join(folder, `${FIRST}.log`));
    const bank = await (await lab.start(folder)).ready();
    const { url, pid } = bank.region(FIRST);
    expect(await deposit(url, '10')).toBe('10');
    expect(await deposit(url, '5')).toBe('15');
    await expectOneError(bank);
    expect(await balance(url)).toBe('15');
    expect(bank.region(FIRST)).toMatchObject({ state: 'up', pid });
  });

  test('before it is ready sends its parent first that it is ready, and then reports it', async () => {
    const folder = await lab.folder();
    await symlink(FULL, join(folder, `${FIRST}.log`));
    const args = await runningAtStart(folder, "console.log('loaded');");
    await expectOneError(await (await lab.start(folder, args)).ready());
  });
});

test('a function that waits until its line is in the log goes on once it is', async () => {
  const folder = await lab.folder();
  const write = "await new Promise((resolve) => process.stdout.write('loaded\\n', resolve));";
  const bank = await lab.start(folder, await runningAtStart(folder, write));
  await bank.ready();
  expect(bank.region(FIRST).state).toBe('up');
});

test('what a Region logs while its parent is stopped does not fill its memory', async () => {
  const folder = await lab.folder();
  const bundle = join(folder, 'own.mjs');
  await writeFile(
    bundle,
    `export const handler = async () => {
      console.log('x'.repeat(4_000_000));
      return { statusCode: 200, body: String(process.memoryUsage().rss) };
    };\n`,
  );
  const bank = await (await lab.start(folder, ['--bundle', bundle, '--screen', '0'])).ready();
  const { url } = bank.region(FIRST);
  const used = async () => Number((await call('GET', `${url}/health`)).body);
  const before = await used();
  bank.signal('SIGSTOP');
  try {
    for (let calls = 0; calls < 150; calls += 1) {
      await used();
    }
    expect((await used()) - before).toBeLessThan(300_000_000);
  } finally {
    bank.signal('SIGCONT');
  }
});

test('a large log is begun anew, and only the one before is kept; the log of DynamoDB is that of the last start', async () => {
  const folder = await lab.folder();
  const [log, database] = [join(folder, `${FIRST}.log`), join(folder, 'dynamodb.log')];
  await writeFile(log, 'an old line\n');
  await truncate(log, 60_000_000);
  await writeFile(database, 'an old line\n');
  const bank = await (await lab.start(folder)).ready();
  expect(await deposit(bank.region(FIRST).url, '10')).toBe('10');
  expect((await readFile(log, 'utf8')).slice(0, 200)).toMatch(/^\{.*"operation":"deposit"/);
  expect((await stat(`${log}.1`)).size).toBe(60_000_000);
  expect(await readFile(database, 'utf8').catch(() => '')).not.toContain('an old line');
});
