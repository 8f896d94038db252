import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIRST } from '../support/bank-lab.ts';
import { NO_BROWSER } from '../support/browser.ts';
import { testAccess } from './page/access.ts';
import { testCalls } from './page/calls.ts';
import { testFailures } from './page/failures.ts';
import { testOperations } from './page/operations.ts';
import { planVisit } from './page/visit.ts';

const name = ['the page in a browser', NO_BROWSER].filter(Boolean).join(', ');

// One bank and one browser for all, since both are slow to start: each test goes on where the one before has left the page.
describe.skipIf(NO_BROWSER !== undefined)(name, () => {
  const visit = planVisit();
  const { button, region, state } = visit;
  beforeAll(visit.begin);
  afterAll(visit.end);

  testCalls(visit);
  testOperations(visit);
  testFailures(visit);
  test('puts the bank under load while a Region freezes, and the books balance', async () => {
    await visit.page.getByLabel('Clients').fill('8');
    await visit.page.getByLabel('Seconds').fill('2');
    await button('Run the load test').click();
    await visit.page.locator('.tiles').getByText('calls').waitFor();
    await button(`Freeze ${FIRST}`).click();
    await state(FIRST, 'frozen');
    const verdict = region('Load test').getByRole('status');
    await verdict.getByText('The books balance, as far as they could be read.').waitFor();
    expect(await region('Load test').innerText()).toContain(`${FIRST} did not answer`);

    await button(`Thaw ${FIRST}`).click();
    await state(FIRST, 'up');
    await button('Check again').click();
    await verdict.getByText('The books balance.', { exact: true }).waitFor();
    expect(await verdict.innerText()).toMatch(/p50 [\d.]+ ms, p99 [\d.]+ ms/);
    expect(await region('Load test').innerText()).toContain(`${FIRST} says the same for each account.`);
    expect(Number(await visit.page.locator('.tiles dd').first().innerText())).toBeGreaterThan(0);
  });

  testAccess(visit);

  test('says so when the bank has ended', async () => {
    visit.bank.say('quit');
    await visit.page.getByRole('alert').getByText('npm start').waitFor();
    expect(await visit.button(`Kill ${FIRST}`).getAttribute('aria-disabled')).toBe('true');
  });

  test('has not made a single error on the way', () => {
    expect(visit.faults).toEqual([]);
  });
});
