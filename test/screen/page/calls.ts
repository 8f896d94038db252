import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { BankClient } from '../../../client/index.ts';
import { FIRST, SECOND } from '../../support/bank-lab.ts';
import { PATIENT, type Visit } from './visit.ts';

/** The form, and what the page shows of its calls and of the account. */
export function testCalls(visit: Visit): void {
  const { button, region, state, status, balance, press, entry, step } = visit;

  test('shows two Regions up, one balance, and what to do first', async () => {
    await state(FIRST, 'up');
    await state(SECOND, 'up');
    expect(await region(FIRST).innerText()).toContain(`pid ${visit.bank.region(FIRST).pid}`);
    await balance('0', 'the first deposit opens it');
    expect(await step()).toBe('Deposit');
  });

  test('deposits and withdraws, and says what was refused', async () => {
    await press('Withdraw');
    expect(await status().innerText()).toContain('no such account');
    await visit.page.getByLabel('Amount').fill('25');
    expect(await press('Deposit')).toMatchObject({ call: 'deposit joe 25', result: '25' });
    await balance('25');
    expect(await step()).toBe(`Kill ${FIRST}`);
    await visit.page.getByLabel('Amount').fill('1234');
    const refused = await press('Withdraw');
    expect(await status().innerText()).toContain('Refused, not enough money');
    expect(refused).toEqual({
      call: 'withdraw joe 1234',
      result: 'not enough money',
      lines: [`trying ${FIRST}`, `${FIRST} replied`],
    });
    await visit.page.getByLabel('Amount').fill('12');
    await press('Withdraw');
    expect(await status().innerText()).toBe(`13, from ${FIRST}`);
    await balance('13');
    await entry('joe', /^withdrawal$/).waitFor();
  });

  test('sends no call without a valid amount', async () => {
    const before = await visit.page.locator('.calls > li').count();
    await visit.page.getByLabel('Amount').fill('ten');
    await button('Deposit').click();
    expect(await visit.page.locator('.calls > li').count()).toBe(before);
    expect(await visit.page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('amount');
    await visit.page.getByLabel('Amount').fill('10');
  });

  test('retries the last key, and shows that nothing moves, and what others do with the account', async () => {
    await press('Deposit');
    await balance('23');
    await using other = new BankClient({ endpoints: [visit.bank.region(SECOND).url] });
    await other.deposit('joe', 1000);
    await balance('1,023');
    const retried = await press('Retry the last key');
    expect(retried).toMatchObject({ call: 'deposit joe 10, again', result: '23, replayed' });
    await expect
      .poll(() => status().innerText(), PATIENT)
      .toMatch(/^23, replayed from \d\d:\d\d:\d\d, nothing moved; now 1,023$/);
    await other.withdraw('joe', 1000);
    await balance('23');
  });

  test('gives the key of a call, and the same call for curl and for bank', async () => {
    await visit.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const row = visit.page.locator('.calls > li').first();
    await row.locator('summary').click();
    const copied = async (name: string) => {
      await row.getByRole('button', { name: `Copy ${name} of call` }).click();
      await row.getByRole('button', { name: `Copied ${name} of call` }).waitFor();
      return await visit.page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(await run(await copied('curl')))).toMatchObject({ account: 'joe', balance: '23' });
    expect(await run(await copied('bank'))).toBe('23\n');
    await balance('23');
    await row.locator('summary').click();
  });

  /** Runs a line in a shell, in the folder of the project. */
  async function run(line: string): Promise<string> {
    return (await promisify(execFile)('sh', ['-c', line])).stdout;
  }
}
