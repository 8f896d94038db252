import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { browserOrNull, NO_BROWSER } from '../support/browser.ts';
import type { StartedBank } from '../support/started-bank.ts';
import { screenUrl } from './screen-url.ts';

const name = ['the page in a browser', NO_BROWSER].filter(Boolean).join(', ');

describe.skipIf(NO_BROWSER !== undefined)(name, () => {
  const lab = new BankLab();
  let bank: StartedBank;
  let browser: Browser | null;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    [bank, browser] = await Promise.all([
      lab.start(null, ['--screen', '0']).then((started) => started.ready()),
      browserOrNull(),
    ]);
    if (browser === null) {
      throw new Error('there is no browser');
    }
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      // Chromium itself notes every answer that is not 200 and every connection that fails, which are what this is about.
      const isNetwork = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isNetwork) {
        faults.push(message.text());
      }
    });
    await page.goto(screenUrl(bank));
  });
  afterAll(async () => {
    await browser?.close();
    await lab.close();
  });

  const button = (label: string) => page.getByRole('button', { name: label, exact: true });
  const region = (which: string) => page.getByRole('region', { name: which });
  const state = async (which: string, word: string) =>
    await region(which).getByText(word, { exact: true }).waitFor();
  const log = () => page.getByRole('log').getByRole('listitem').allInnerTexts();
  const status = () => page.getByRole('region', { name: 'Account' }).getByRole('status');

  /** Presses a button of the account panel and waits for the end of the call. Gives the lines that the log has of it. */
  async function press(label: string): Promise<readonly string[]> {
    // The log keeps its last lines only, so that no line can be found by its number.
    const call = page.locator('.log .call:not([data-seen])');
    await call.evaluateAll((before) => before.map((line) => line.setAttribute('data-seen', '')));
    await button(label).click();
    // Only once the log has this call is it this one that is waited for.
    await call.waitFor();
    await page.locator('.answer[aria-busy=false]').waitFor();
    const lines = await log();
    return lines.slice(lines.lastIndexOf(await call.innerText()));
  }

  function entry(account: string, text: RegExp) {
    return page
      .getByRole('list', { name: `Statement of ${account}` })
      .getByText(text)
      .first();
  }

  async function untilLog(line: string): Promise<void> {
    await page.getByRole('log').getByText(line, { exact: true }).last().waitFor();
  }

  test('shows both Regions up', async () => {
    await state(FIRST, 'up');
    await state(SECOND, 'up');
    expect(await region(FIRST).innerText()).toContain(`pid ${bank.region(FIRST).pid}`);
  });

  test('deposits, withdraws, asks, and tells what was refused', async () => {
    await press('Balance');
    expect(await status().innerText()).toContain('no such account');
    await page.getByLabel('Amount').fill('25');
    await press('Deposit');
    expect(await status().innerText()).toContain('25\n');
    await page.getByLabel('Amount').fill('1234');
    const told = await press('Withdraw');
    expect(await status().innerText()).toContain('not enough money');
    expect(told.slice(0, 3)).toEqual(['withdraw joe 1234', `trying ${FIRST}`, `${FIRST} replied`]);
    await page.getByLabel('Amount').fill('12');
    await press('Withdraw');
    expect(await status().innerText()).toBe(`13\nthe balance of joe, from ${FIRST}`.replace('\n', '\n\n'));
    await region(FIRST).getByText('withdraw joe').first().waitFor();
  });

  test('sends nothing that is no amount', async () => {
    const before = await log();
    await page.getByLabel('Amount').fill('ten');
    await button('Deposit').click();
    expect(await log()).toEqual(before);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('amount');
    await page.getByLabel('Amount').fill('10');
  });

  test('sends a call again with its key, and shows that the answer is a replay', async () => {
    await press('Deposit');
    const told = await press('Send it again');
    expect(told[0]).toBe('deposit joe 10, again with its key');
    const replayed = 'replayed: this reply was already recorded under the key';
    expect(told.at(-1)).toBe(`23 (${replayed})`);
    expect(await status().innerText()).toMatch(new RegExp(`^23\n[^]*${replayed}$`));
  });

  test('transfers to another account, and the statements of both say where the money is', async () => {
    const account = page.getByRole('textbox', { name: 'Account' });
    await press('Transfer');
    expect(await status().innerText()).toContain('no such destination');
    await account.fill('ann');
    await press('Deposit');
    await account.fill('joe');
    const told = await press('Transfer');
    expect(told[0]).toBe('transfer joe ann 10');
    expect(await status().innerText()).toContain('13\n');
    // It may be under way still: its payer is answered before that is over.
    await entry('joe', /^transfer to ann/).waitFor();
    expect((await press('Send it again')).at(-1)).toContain('13 (replayed');
    await account.fill('ann');
    await press('Balance');
    expect(await status().innerText()).toContain('20\n');
    await entry('ann', /^credit from joe$/).waitFor();
    await account.fill('joe');
  });

  test('holds money, and captures and voids what is held', async () => {
    const holds = page.getByRole('list', { name: 'Open holds of joe' }).getByRole('listitem');
    await page.getByLabel('Amount').fill('3');
    await press('Hold');
    expect(await status().innerText()).toContain('10 3 held\n');
    await holds.filter({ hasText: '3 until ' }).waitFor();
    await page.getByLabel('Amount').fill('2');
    await press('Hold');
    await holds.nth(1).waitFor();
    await press('Balance');
    expect(await status().innerText()).toContain('8 5 held\n');
    const [, oldest] = (await press('Void hold 1')).at(0)?.match(/^void joe ([0-9a-f-]{36})$/) ?? [];
    expect(oldest).toBeDefined();
    expect(await status().innerText()).toContain('11 2 held\n');
    await holds.nth(1).waitFor({ state: 'detached' });
    expect(await holds.innerText()).toContain('2 until ');
    // The button in focus has gone with its hold, and does not mean the next one.
    expect(await focused()).toBe('');
    await press('Capture hold 1');
    expect(await status().innerText()).toContain('11\n');
    await holds.waitFor({ state: 'detached' });
    expect((await press('Send it again')).at(-1)).toContain('11 (replayed');
    await entry('joe', /^capture$/).waitFor();
    await page.getByLabel('Amount').fill('10');
  });

  test('refunds what the statement shows: a capture, and a credit to the account that paid', async () => {
    const account = page.getByRole('textbox', { name: 'Account' });
    const rowOf = (name: string, type: RegExp) => {
      const rows = page.getByRole('list', { name: `Statement of ${name}` }).getByRole('listitem');
      return rows.filter({ hasText: type }).first();
    };
    const refundOf = async (name: string, type: RegExp) => {
      const text = await rowOf(name, type).getByRole('button').textContent();
      return text?.trim().replaceAll(/\s+/g, ' ') ?? '';
    };
    const ofCapture = await refundOf('joe', /^\s*capture\s/);
    expect((await press(ofCapture))[0]).toMatch(/^refund joe [0-9a-f-]{36}$/);
    expect(await status().innerText()).toContain('13 2 refunded\n');
    await entry('joe', /^refund$/).waitFor();
    await entry('joe', /^refunded$/).waitFor();
    expect(await button(ofCapture.replace('Refund', 'Refunded')).getAttribute('aria-disabled')).toBe('true');
    expect((await press('Send it again')).at(-1)).toContain('13 (2 refunded) (replayed');

    await account.fill('ann');
    await press('Balance');
    await entry('ann', /^credit from joe$/).waitFor();
    await press(await refundOf('ann', /^\s*credit from joe/));
    expect(await status().innerText()).toContain('10 10 refunded\n');
    await entry('ann', /^refunded to joe$/).waitFor();
    await account.fill('joe');
    await press('Balance');
    expect(await status().innerText()).toContain('23\n');
    const ofRefund = rowOf('joe', /^\s*credit from ann/);
    await ofRefund.waitFor();
    expect(await ofRefund.getByRole('button').count(), 'no refund of a refund').toBe(0);
    await press('Transfer');
    await page.getByLabel('Amount').fill('2');
    await press('Withdraw');
    await page.getByLabel('Amount').fill('10');
  });

  test('freezes an account and opens it, and shows what is frozen beside the balance and in the statement', async () => {
    const account = page.getByRole('textbox', { name: 'Account' });
    const freezing = page.getByRole('group', { name: 'Freeze account' });
    await freezing.getByRole('button', { name: 'Freeze debits' }).waitFor();
    expect((await press('Freeze debits'))[0]).toBe('status joe --debits frozen');
    expect(await status().innerText()).toContain('11 debits frozen\n');
    await entry('joe', /^status debits frozen$/).waitFor();
    expect((await press('Send it again')).at(-1)).toContain('11 (debits frozen) (replayed');
    await press('Withdraw');
    expect(await status().innerText()).toContain('account frozen\n\nThe account is frozen for debits');
    await press('Freeze credits');
    await press('Balance');
    expect(await status().innerText()).toContain('11 debits frozen, credits frozen\n');
    await account.fill('ann');
    await press('Balance');
    expect(await status().innerText()).toContain('20\n');
    await account.fill('joe');
    await press('Open debits');
    expect(await status().innerText()).toContain('11 debits open\n');
    await press('Open credits');
    await press('Balance');
    expect(await status().innerText()).toContain('11\n');
    await entry('joe', /^status credits open$/).waitFor();
  });

  test('tells that a transfer returned from a frozen account', async () => {
    const account = page.getByRole('textbox', { name: 'Account' });
    await account.fill('ann');
    await press('Freeze credits');
    await account.fill('joe');
    await press('Transfer');
    expect(await status().innerText()).toContain(
      'destination frozen\n\nThe destination is frozen for credits',
    );
    await entry('joe', /^returned from ann \(destination frozen\)$/).waitFor();
    await account.fill('ann');
    await press('Open credits');
    await account.fill('joe');
  });

  test('kills the preferred Region by a button, and tells how the next call fails over', async () => {
    await button(`Kill ${FIRST}`).click();
    await state(FIRST, 'down');
    expect(bank.region(FIRST).state).toBe('down');
    const told = await press('Deposit');
    expect(told).toEqual([
      'deposit joe 10',
      `trying ${FIRST}`,
      `lost the connection to ${FIRST}`,
      `trying ${SECOND}`,
      `${SECOND} replied`,
      `calls go to ${SECOND} from now on`,
      '21',
    ]);
    await button(`Start ${FIRST}`).click();
    await state(FIRST, 'up');
    await untilLog(`${FIRST} is up`);
  });

  test('finds out by a retry what became of a transfer that nobody answered', async () => {
    for (const each of [FIRST, SECOND]) {
      await button(`Kill ${each}`).click();
      await state(each, 'down');
    }
    await press('Transfer');
    expect(await status().innerText()).toContain('Outcome unknown');
    for (const each of [FIRST, SECOND]) {
      await button(`Start ${each}`).click();
      await state(each, 'up');
    }
    expect((await press('Send it again'))[0]).toBe('transfer joe ann 10, again with its key');
    expect(await status().innerText()).toContain('11\n');
  });

  test('lets a call be cancelled of which nobody knows what became of it', async () => {
    for (const each of [FIRST, SECOND]) {
      await button(`Kill ${each}`).click();
      await state(each, 'down');
    }
    await press('Deposit');
    expect(await status().innerText()).toContain('Outcome unknown');
    for (const each of [FIRST, SECOND]) {
      await button(`Start ${each}`).click();
      await state(each, 'up');
    }
    await press('Cancel it');
    expect(await status().innerText()).toContain('Cancelled');
    await press('Balance');
    expect(await status().innerText()).toContain('11\n');
  });

  test('hammers the bank while a Region freezes, and the books balance', async () => {
    await page.getByLabel('Clients').fill('8');
    await page.getByLabel('Seconds').fill('2');
    await button('Hammer').click();
    await page.locator('.tiles').getByText('calls').waitFor();
    await button(`Freeze Region ${FIRST}`).click();
    await state(FIRST, 'frozen');
    const verdict = page.getByRole('region', { name: 'Hammer' }).getByRole('status');
    await verdict.getByText('The books balance, as far as they could be read.').waitFor();
    expect(await verdict.innerText()).toContain(`${FIRST} did not answer`);

    await button(`Thaw Region ${FIRST}`).click();
    await state(FIRST, 'up');
    await button('Check again').click();
    await verdict.getByText('The books balance.', { exact: true }).waitFor();
    expect(await verdict.innerText()).toContain(`${FIRST} says the same for each account.`);
    expect(Number(await page.locator('.tiles dd').first().innerText())).toBeGreaterThan(0);
  });

  test('is used without a mouse, and keeps the focus on the button that was pressed', async () => {
    await page.getByLabel('Amount').fill('1');
    await press('Withdraw');
    await press('Hold');
    await button('Void hold 1').waitFor();
    await page.locator('body').click({ position: { x: 1, y: 1 } });
    const reached: string[] = [];
    for (let presses = 0; presses < 40 && !reached.includes('Hammer'); presses += 1) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    expect(reached).toEqual([
      `Kill ${FIRST}`,
      `Freeze Region ${FIRST}`,
      `Kill ${SECOND}`,
      `Freeze Region ${SECOND}`,
      'account',
      'amount',
      'to',
      'Deposit',
      'Withdraw',
      'Transfer',
      'Hold',
      'Balance',
      'Freeze debits',
      'Open debits',
      'Freeze credits',
      'Open credits',
      'Send it again',
      'Capture hold 1',
      'Void hold 1',
      expect.stringMatching(/^Refund entry \d+$/),
      'log',
      'clients',
      'seconds',
      'Hammer',
    ]);
    await page.getByLabel('Amount').focus();
    await page.keyboard.type('5');
    await page.keyboard.press('Enter');
    await page
      .getByRole('log')
      .getByText(/^deposit joe (5|15|51)$/)
      .waitFor();

    await page.getByRole('button', { name: /^Refund entry/ }).focus();
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
    await page.locator('button:focus:not([aria-disabled="true"])').waitFor();
    await page.keyboard.press(key);
  }

  function focused(): Promise<string> {
    return page.evaluate(() => {
      const element = document.activeElement;
      const text = element?.matches('button') ? (element as HTMLElement).textContent : null;
      return (
        text?.trim().replaceAll(/\s+/g, ' ') ??
        element?.getAttribute('name') ??
        element?.getAttribute('role') ??
        ''
      );
    });
  }

  test.each([360, 700, 1280])(
    'is not wider than a window of %i pixels, in the light and in the dark',
    async (width) => {
      await page.setViewportSize({ width, height: 740 });
      const papers = new Set<string>();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const [needed, paper] = await page.evaluate(
          () =>
            [document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor] as const,
        );
        expect(needed).toBe(width);
        papers.add(paper);
      }
      expect(papers.size).toBe(2);
    },
  );

  test('says so when the bank has ended', async () => {
    bank.say('quit');
    await page.getByRole('alert').getByText('npm start').waitFor();
    expect(await button(`Kill ${FIRST}`).getAttribute('aria-disabled')).toBe('true');
  });

  test('has not made a single error on the way', () => {
    expect(faults).toEqual([]);
  });
});
