import { expect, test } from 'vitest';
import { FIRST, SECOND } from '../../support/bank-lab.ts';
import type { Visit } from './visit.ts';

/** Regions that are killed and frozen, and calls whose outcome is unknown. */
export function testFailures(visit: Visit): void {
  const { button, region, state, status, balance, press, step, killBoth, startBoth, focused } = visit;

  test('kills the preferred Region by a button, and shows how the next call takes the other way', async () => {
    await balance('11');
    const lines = visit.page.locator('.lanes line');
    const preferred = () => lines.evaluateAll((all) => all.findIndex((line) => line.matches('.preferred')));
    expect(await preferred()).toBe(0);
    expect(await step()).toBe(`Kill ${FIRST}`);
    await button(`Kill ${FIRST}`).click();
    await state(FIRST, 'down');
    expect(visit.bank.region(FIRST).state).toBe('down');
    await region(FIRST)
      .getByText(/^\d+ s$/)
      .waitFor();
    await visit.page.locator('.plot').getByText(`${FIRST} down`).waitFor();
    await visit.page.getByText(`${FIRST} is down`, { exact: true }).waitFor({ state: 'attached' });
    expect(await step()).toBe('Deposit again');
    const dots = await dotsFromNow();
    expect(await press('Deposit')).toEqual({
      call: 'deposit joe 10',
      result: '21',
      lines: [
        `trying ${FIRST}`,
        `lost the connection to ${FIRST}`,
        `trying ${SECOND}`,
        `${SECOND} replied`,
        `calls go to ${SECOND} from now on`,
      ],
    });
    await balance('21');
    for (const dot of ['ask region0', 'lost region0', 'ask region1', 'write region1', 'reply region1']) {
      expect(await dots(), dot).toContainEqual(expect.stringContaining(`dot ${dot}`));
    }
    expect(await preferred()).toBe(1);
    await button(`Start ${FIRST}`).click();
    await state(FIRST, 'up');
  });

  /** Notes the classes of each dot that is drawn, since a dot is gone again after a second. */
  async function dotsFromNow(): Promise<() => Promise<readonly string[]>> {
    const seen = await visit.page.evaluateHandle(() => {
      const classes: string[] = [];
      new MutationObserver((records) => {
        const added = records.flatMap((record) => [...record.addedNodes]);
        const dots = added.filter((node) => node instanceof Element && node.matches('.dot'));
        classes.push(...dots.map((dot) => (dot as Element).className));
      }).observe(document.body, { childList: true, subtree: true });
      return classes;
    });
    return () => seen.jsonValue();
  }

  test('ends the first steps with what was seen, and does not show them again', async () => {
    await visit.page.getByText('A Region was lost, and no money.').waitFor();
    await visit.page.reload();
    await balance('21');
    expect(await visit.page.getByRole('region', { name: 'First steps' }).count()).toBe(0);
    await visit.page.getByText('Freeze or open the account').click();
  });

  test('finds out by a retry the outcome of a transfer that no Region answered', async () => {
    await killBoth();
    await press('Transfer');
    expect(await status().innerText()).toContain('Outcome unknown');
    await balance('21', 'last known');
    await visit.page.getByText('Last known:', { exact: true }).waitFor();
    await startBoth();
    await balance('21');
    expect((await press('Retry the last key')).call).toBe('transfer joe ann 10, again');
    expect(await status().innerText()).toMatch(/^11, /);
    await balance('11');
  });

  test('shows why an order to a Region was not carried out, until the next order', async () => {
    const path = `**/regions/${FIRST}/freeze`;
    await visit.page.route(path, (route) => route.abort());
    await button(`Freeze ${FIRST}`).click();
    await visit.page
      .getByRole('alert')
      .getByText(`Cannot freeze ${FIRST}: npm start does not answer.`)
      .waitFor();
    await visit.page.unroute(path);
    await button(`Freeze ${FIRST}`).click();
    await state(FIRST, 'frozen');
    await visit.page.getByRole('alert').waitFor({ state: 'detached' });
    await button(`Thaw ${FIRST}`).click();
    await state(FIRST, 'up');
  });

  test('lets its user cancel a call whose outcome is unknown', async () => {
    await killBoth();
    await press('Deposit');
    expect(await status().innerText()).toContain('Outcome unknown');
    await press('Cancel the last key');
    expect(await status().innerText()).toContain('Outcome unknown');
    expect(await focused()).toBe('Cancel the last key');
    await startBoth();
    await press('Cancel the last key');
    expect(await status().innerText()).toContain('Cancelled');
    expect(await focused()).toBe('Cancel the last key');
    expect(await button('Cancel the last key').getAttribute('aria-disabled')).toBe('true');
    await balance('11');
  });
}
