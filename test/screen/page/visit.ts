import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { BankClient } from '../../../client/index.ts';
import { BankLab, FIRST, SECOND } from '../../support/bank-lab.ts';
import { browserOrNull } from '../../support/browser.ts';
import type { StartedBank } from '../../support/started-bank.ts';

/** For a page that is slow to change on a busy machine. */
export const PATIENT = { timeout: 30_000 };
/** For the page's calls and attempts: on a slow machine, the usual ones would have a reply replayed, or come from the other Region. */
const TIMEOUT_MS = 10_000;

export type Visit = ReturnType<typeof planVisit>;

/** One bank and one browser with its page, for all tests of the page; and what a user does there. */
export function planVisit() {
  const lab = new BankLab();
  let bank: StartedBank;
  let browser: Browser | null;
  let page: Page;
  /** Errors that the page has thrown or printed. */
  const faults: string[] = [];

  async function begin(): Promise<void> {
    [bank, browser] = await Promise.all([
      lab.start(null, ['--screen', '0']).then((started) => started.ready()),
      browserOrNull(),
    ]);
    if (browser === null) {
      throw new Error('there is no browser');
    }
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENT.timeout);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      // Chromium itself notes every answer that is not 200 and every connection that fails, which are what this is about.
      const isNetwork = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isNetwork) {
        faults.push(message.text());
      }
    });
    await Promise.all([FIRST, SECOND].map(warmUp));
    await page.goto(`${bank.screenUrl}/?timeoutMs=${TIMEOUT_MS}`);
  }

  async function end(): Promise<void> {
    await browser?.close();
    await lab.close();
  }

  /** The first call of a Region is its slowest. */
  async function warmUp(region: string): Promise<void> {
    await using client = new BankClient({
      endpoints: [bank.region(region).url],
      callTimeoutMs: 60_000,
      attemptTimeoutMs: 60_000,
    });
    await client.deposit('warm-up', 1);
  }

  const button = (label: string) => page.getByRole('button', { name: label, exact: true });
  const region = (which: string) => page.getByRole('region', { name: which, exact: true });
  const state = async (which: string, word: string) =>
    await region(which).getByText(word, { exact: true }).waitFor();
  const status = () => region('Account').getByRole('status');

  /** Waits until the picture shows a balance. */
  async function balance(number: string, beside = ''): Promise<void> {
    const table = region('One table for both');
    await table.locator('.number').getByText(number, { exact: true }).waitFor();
    await expect.poll(() => table.locator('.beside').innerText(), PATIENT).toBe(beside);
  }

  /** Puts an account into the form, as its user does: it is shown once the field is left. */
  async function show(account: string): Promise<void> {
    await page.getByRole('textbox', { name: 'Account' }).fill(account);
    await page.keyboard.press('Tab');
    await region('One table for both').getByText(`Balance of ${account}`).waitFor();
  }

  /** Presses a button and waits for the end of the call. Gives the words and the result of its row, and the lines inside. */
  async function press(label: string) {
    // Only the last rows are kept, so that none can be found by its number.
    const before = page.locator('.calls > li');
    await before.evaluateAll((rows) => rows.map((row) => row.setAttribute('data-seen', '')));
    await button(label).click();
    // Only once there is a new row is it this call that is waited for.
    const row = page.locator('.calls > li:not([data-seen])');
    await row.waitFor();
    await page.locator('.answer[aria-busy=false]').waitFor();
    const text = async (selector: string) => (await row.locator(selector).textContent())?.trim();
    const lines = await row.locator('.lines li span:last-child').allTextContents();
    return { call: await text('.what'), result: await text('.result'), lines };
  }

  function entry(account: string, text: RegExp) {
    return page
      .getByRole('list', { name: `Statement of ${account}` })
      .getByText(text)
      .first();
  }

  /** The step of the first visit that is next. */
  async function step(): Promise<string | undefined> {
    const next = page.getByRole('region', { name: 'First steps' }).locator('[aria-current=step]');
    return (await next.innerText()).replaceAll(/^\d\s*/g, '');
  }

  async function killBoth(): Promise<void> {
    for (const each of [FIRST, SECOND]) {
      await button(`Kill ${each}`).click();
      await state(each, 'down');
    }
  }

  async function startBoth(): Promise<void> {
    for (const each of [FIRST, SECOND]) {
      await button(`Start ${each}`).click();
      await state(each, 'up');
    }
  }

  /** What has the focus: the words of a button, or the name of a field. */
  function focused(): Promise<string> {
    return page.evaluate(() => {
      const element = document.activeElement;
      const text = element?.matches('button') ? (element as HTMLElement).textContent : null;
      return (
        text?.trim().replaceAll(/\s+/g, ' ') ??
        element?.getAttribute('name') ??
        (element?.matches('summary') ? 'summary' : '')
      );
    });
  }

  return {
    get bank() {
      return bank;
    },
    get page() {
      return page;
    },
    ...{ faults, begin, end, button, region, state, status, balance },
    ...{ show, press, entry, step, killBoth, startBoth, focused },
  };
}
