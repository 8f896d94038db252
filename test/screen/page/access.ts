import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { FIRST, SECOND } from '../../support/bank-lab.ts';
import { PATIENT, type Visit } from './visit.ts';

/** The page for users of a keyboard, of a phone, and of less motion. */
export function testAccess(visit: Visit): void {
  const { button, state, press, focused } = visit;

  test('is used without a mouse, and keeps the focus on the button that was pressed', async () => {
    await visit.page.getByLabel('Amount').fill('1');
    await press('Withdraw');
    await press('Hold');
    await button('Void hold 1').waitFor();
    await visit.page.locator('body').click({ position: { x: 1, y: 1 } });
    const reached: string[] = [];
    for (let presses = 0; presses < 90 && !reached.includes('Run the load test'); presses += 1) {
      await visit.page.keyboard.press('Tab');
      reached.push(await focused());
    }
    const rows = reached.filter((name) => name === 'summary').length;
    expect(rows).toBeGreaterThan(3);
    expect(reached.filter((name) => name !== 'summary')).toEqual([
      ...[FIRST, SECOND].flatMap((region) => [`Kill ${region}`, `Freeze ${region}`]),
      ...['account', 'amount', 'Deposit', 'Withdraw', 'Hold', 'to', 'Transfer', 'Retry the last key'],
      ...['Freeze debits', 'Open debits', 'Freeze credits', 'Open credits', 'Capture hold 1', 'Void hold 1'],
      expect.stringMatching(/^Refund entry \d+$/),
      ...['clients', 'seconds', 'Run the load test'],
    ]);
    await visit.page.getByLabel('Amount').focus();
    await visit.page.keyboard.type('5');
    await visit.page.keyboard.press('Enter');
    await visit.page
      .locator('.calls')
      .getByText(/^deposit joe (5|15|51)$/)
      .waitFor();
    const row = visit.page.locator('.calls summary').first();
    await row.focus();
    await visit.page.keyboard.press('Enter');
    await visit.page.getByRole('button', { name: /^Copy key of call/ }).waitFor();
    await visit.page.keyboard.press('Enter');

    await visit.page.getByRole('button', { name: /^Refund entry/ }).focus();
    await strike('Enter');
    await button(`Refunded entry ${(await focused()).match(/\d+$/)}`).waitFor();
    expect(await focused()).toMatch(/^Refunded entry \d+$/);

    await button(`Kill ${SECOND}`).focus();
    await strike('Enter');
    await state(SECOND, 'down');
    expect(await focused()).toBe(`Start ${SECOND}`);
    await strike('Space');
    await state(SECOND, 'up');
    expect(await focused()).toBe(`Kill ${SECOND}`);
  });

  /** Strikes a key on the button in focus once it is ready. That a Region is down is seen before the order to kill it is answered. */
  async function strike(key: 'Enter' | 'Space'): Promise<void> {
    await visit.page.locator('button:focus:not([aria-disabled="true"])').waitFor();
    await visit.page.keyboard.press(key);
  }

  test('shows no motion to a user who wants none', async () => {
    const display = () =>
      visit.page.evaluate(() => {
        const dot = document.createElement('i');
        dot.className = 'dot ask';
        document.body.append(dot);
        const { display } = getComputedStyle(dot);
        dot.remove();
        return display;
      });
    expect(await display()).toBe('block');
    await visit.page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await display()).toBe('none');
    await visit.page.emulateMedia({ reducedMotion: 'no-preference' });
  });

  test.each([360, 390, 700, 1280])(
    'is not wider than a window of %i pixels, in the light and in the dark',
    async (width) => {
      await visit.page.setViewportSize({ width, height: 740 });
      const papers = new Set<string>();
      for (const colorScheme of ['light', 'dark'] as const) {
        await visit.page.emulateMedia({ colorScheme });
        const [needed, paper] = await visit.page.evaluate(
          () =>
            [document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor] as const,
        );
        expect(needed).toBe(width);
        papers.add(paper);
      }
      expect(papers.size).toBe(2);
    },
  );

  test('keeps the labels of the chart apart on a narrow phone, and shows the newest', async () => {
    await visit.page.setViewportSize({ width: 320, height: 740 });
    const bands = visit.page.locator('.band.frozen');
    /** Where the newest band begins, which moves to the left each second. */
    const newestEdge = () => bands.last().evaluate((band) => (band as HTMLElement).style.left);
    const nextSecond = async () => {
      const edge = await newestEdge();
      await expect.poll(newestEdge, PATIENT).not.toBe(edge);
    };
    for (const verb of ['Freeze', 'Thaw', 'Freeze', 'Thaw']) {
      await button(`${verb} ${FIRST}`).click();
      await state(FIRST, verb === 'Freeze' ? 'frozen' : 'up');
      // The chart has one state for each second, and bands that touch are one: a whole second has to pass in between.
      await nextSecond();
      await nextSecond();
    }
    expect(await bands.count()).toBeGreaterThan(1);
    expect(await bands.last().innerText()).toBe(`${FIRST} frozen`);
    for (const place of [0, 1]) {
      const boxes = await visit.page
        .locator(`.band .place${place}`)
        .evaluateAll((labels) => labels.map((label) => label.getBoundingClientRect()));
      for (const [index, { left }] of boxes.slice(1).entries()) {
        expect(boxes[index]?.right).toBeLessThan(left);
      }
    }
  });

  test('keeps the picture, Kill and Deposit on the screen of a phone', async () => {
    await visit.page.setViewportSize({ width: 390, height: 844 });
    await visit.page.evaluate(() => scrollTo(0, 0));
    const box = async (element: Locator) => (await element.boundingBox()) ?? { y: -1, height: 0 };
    for (const label of [`Kill ${FIRST}`, `Kill ${SECOND}`, 'Deposit']) {
      const { y, height } = await box(button(label));
      expect(y).toBeGreaterThan(0);
      expect(y + height).toBeLessThan(844);
    }
    await visit.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    expect(await box(visit.page.locator('.picture'))).toMatchObject({ y: 0, height: 120 });
  });
}
