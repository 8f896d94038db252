import { expect, test } from 'vitest';
import { FIRST } from '../../support/bank-lab.ts';
import type { Visit } from './visit.ts';

/** The load test. */
export function testLoad(visit: Visit): void {
  const { button, region, state } = visit;

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
}
