import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { browserOrNull, NO_BROWSER } from '../support/browser.ts';
import type { StartedBank } from '../support/started-bank.ts';
import { screenUrl } from './screen-url.ts';

/** For a page that is slow to change on a busy machine. */
const PATIENT = { timeout: 30_000 };
/** For the page's calls and attempts: on a slow machine, the usual ones would have a reply replayed, or come from the other Region. */
const TIMEOUT_MS = 10_000;

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
    await page.goto(`${screenUrl(bank)}/?timeoutMs=${TIMEOUT_MS}`);
  });
  afterAll(async () => {
    await browser?.close();
    await lab.close();
  });

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

  test('shows two Regions up, one balance, and what to do first', async () => {
    await state(FIRST, 'up');
    await state(SECOND, 'up');
    expect(await region(FIRST).innerText()).toContain(`pid ${bank.region(FIRST).pid}`);
    await balance('0', 'the first deposit opens it');
    expect(await step()).toBe('Deposit');
  });

  /** The step of the first visit that is next. */
  async function step(): Promise<string | undefined> {
    const next = page.getByRole('region', { name: 'First steps' }).locator('[aria-current=step]');
    return (await next.innerText()).replaceAll(/^\d\s*/g, '');
  }

  test('deposits and withdraws, and says what was refused', async () => {
    await press('Withdraw');
    expect(await status().innerText()).toContain('no such account');
    await page.getByLabel('Amount').fill('25');
    expect(await press('Deposit')).toMatchObject({ call: 'deposit joe 25', result: '25' });
    await balance('25');
    expect(await step()).toBe(`Kill ${FIRST}`);
    await page.getByLabel('Amount').fill('1234');
    const refused = await press('Withdraw');
    expect(await status().innerText()).toContain('Refused, not enough money');
    expect(refused).toEqual({
      call: 'withdraw joe 1234',
      result: 'not enough money',
      lines: [`trying ${FIRST}`, `${FIRST} replied`],
    });
    await page.getByLabel('Amount').fill('12');
    await press('Withdraw');
    expect(await status().innerText()).toBe(`13, from ${FIRST}`);
    await balance('13');
    await entry('joe', /^withdrawal$/).waitFor();
  });

  test('shows what others do with the account, without being asked', async () => {
    await using other = new BankClient({ endpoints: [bank.region(SECOND).url] });
    await other.deposit('joe', 1000);
    await balance('1,013');
    await other.withdraw('joe', 1000);
    await balance('13');
  });

  test('sends nothing that is no amount', async () => {
    const before = await page.locator('.calls > li').count();
    await page.getByLabel('Amount').fill('ten');
    await button('Deposit').click();
    expect(await page.locator('.calls > li').count()).toBe(before);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('amount');
    await page.getByLabel('Amount').fill('10');
  });

  test('retries the last key, and shows that nothing moves', async () => {
    await press('Deposit');
    await balance('23');
    await using other = new BankClient({ endpoints: [bank.region(SECOND).url] });
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
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const row = page.locator('.calls > li').first();
    await row.locator('summary').click();
    const copied = async (name: string) => {
      await row.getByRole('button', { name: `Copy ${name} of call` }).click();
      await row.getByRole('button', { name: `Copied ${name} of call` }).waitFor();
      return await page.evaluate(() => navigator.clipboard.readText());
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

  test('transfers to another account, and the statements of both say where the money is', async () => {
    await press('Transfer');
    expect(await status().innerText()).toContain('no such destination');
    await show('ann');
    await press('Deposit');
    await show('joe');
    expect(await press('Transfer')).toMatchObject({ call: 'transfer joe ann 10', result: '13' });
    // It may be under way still: its payer is answered before that is over.
    await entry('joe', /^transfer to ann/).waitFor();
    expect((await press('Retry the last key')).result).toBe('13, replayed');
    await show('ann');
    await balance('20');
    await entry('ann', /^credit from joe$/).waitFor();
    await show('joe');
  });

  test('holds money, and captures and voids what is held', async () => {
    const holds = page.getByRole('list', { name: 'Open holds of joe' }).getByRole('listitem');
    await page.getByLabel('Amount').fill('3');
    await press('Hold');
    expect(await status().innerText()).toBe(`10 (3 held), from ${FIRST}`);
    await holds.filter({ hasText: '3 until ' }).waitFor();
    await page.getByLabel('Amount').fill('2');
    await press('Hold');
    await holds.nth(1).waitFor();
    await balance('8', '5 held');
    expect((await press('Void hold 1')).call).toMatch(/^void joe [0-9a-f-]{36}$/);
    await balance('11', '2 held');
    await holds.nth(1).waitFor({ state: 'detached' });
    expect(await holds.innerText()).toContain('2 until ');
    // The button in focus has gone with its hold, and does not mean the next one.
    expect(await focused()).toBe('');
    await press('Capture hold 1');
    await balance('11');
    await holds.waitFor({ state: 'detached' });
    expect((await press('Retry the last key')).result).toBe('11, replayed');
    await entry('joe', /^capture$/).waitFor();
    await page.getByLabel('Amount').fill('10');
  });

  test('refunds what the statement shows: a capture, and a credit to the account that paid', async () => {
    const rowOf = (name: string, type: RegExp) => {
      const rows = page.getByRole('list', { name: `Statement of ${name}` }).getByRole('listitem');
      return rows.filter({ has: page.getByText(type) }).first();
    };
    const refundOf = async (name: string, type: RegExp) => {
      const text = await rowOf(name, type).getByRole('button').textContent();
      return text?.trim().replaceAll(/\s+/g, ' ') ?? '';
    };
    const ofCapture = await refundOf('joe', /^capture$/);
    expect((await press(ofCapture)).call).toMatch(/^refund joe [0-9a-f-]{36}$/);
    expect(await status().innerText()).toContain('13 (2 refunded)');
    await entry('joe', /^refund$/).waitFor();
    await entry('joe', /^refunded$/).waitFor();
    expect(await button(ofCapture.replace('Refund', 'Refunded')).getAttribute('aria-disabled')).toBe('true');
    expect((await press('Retry the last key')).result).toBe('13, replayed');
    expect(await status().innerText()).toContain('13 (2 refunded), replayed');

    await show('ann');
    await entry('ann', /^credit from joe$/).waitFor();
    await press(await refundOf('ann', /^credit from joe$/));
    expect(await status().innerText()).toContain('10 (10 refunded)');
    await entry('ann', /^refunded to joe$/).waitFor();
    await show('joe');
    await balance('23');
    const ofRefund = rowOf('joe', /^credit from ann$/);
    await ofRefund.waitFor();
    expect(await ofRefund.getByRole('button').count(), 'no refund of a refund').toBe(0);
    await press('Transfer');
    await page.getByLabel('Amount').fill('2');
    await press('Withdraw');
    await page.getByLabel('Amount').fill('10');
    await balance('11');
  });

  test('freezes an account and opens it, and shows what is frozen beside the balance and in the statement', async () => {
    await page.getByText('Freeze or open the account').click();
    expect((await press('Freeze debits')).call).toBe('freeze debits of joe');
    await balance('11', 'debits frozen');
    await entry('joe', /^status debits frozen$/).waitFor();
    expect((await press('Retry the last key')).result).toBe('11, replayed');
    await press('Withdraw');
    expect(await status().innerText()).toContain('account frozen: The account is frozen for debits');
    await press('Freeze credits');
    await balance('11', 'debits frozen, credits frozen');
    await show('ann');
    await balance('20');
    await show('joe');
    await press('Open debits');
    expect(await status().innerText()).toContain('11 (debits open)');
    await press('Open credits');
    await balance('11');
    await entry('joe', /^status credits open$/).waitFor();
  });

  test('says that a transfer returned from a frozen account', async () => {
    await show('ann');
    await press('Freeze credits');
    await show('joe');
    await press('Transfer');
    expect(await status().innerText()).toContain('destination frozen: The destination is frozen for credits');
    await entry('joe', /^returned from ann \(destination frozen\)$/).waitFor();
    await show('ann');
    await press('Open credits');
    await show('joe');
  });

  test('kills the preferred Region by a button, and shows how the next call takes the other way', async () => {
    await balance('11');
    const lines = page.locator('.lanes line');
    const preferred = () => lines.evaluateAll((all) => all.findIndex((line) => line.matches('.preferred')));
    expect(await preferred()).toBe(0);
    expect(await step()).toBe(`Kill ${FIRST}`);
    await button(`Kill ${FIRST}`).click();
    await state(FIRST, 'down');
    expect(bank.region(FIRST).state).toBe('down');
    await region(FIRST)
      .getByText(/^\d+ s$/)
      .waitFor();
    await page.locator('.plot').getByText(`${FIRST} down`).waitFor();
    await page.getByText(`${FIRST} is down`, { exact: true }).waitFor({ state: 'attached' });
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
    const seen = await page.evaluateHandle(() => {
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
    await page.getByText('A Region was lost, and no money.').waitFor();
    await page.reload();
    await balance('21');
    expect(await page.getByRole('region', { name: 'First steps' }).count()).toBe(0);
    await page.getByText('Freeze or open the account').click();
  });

  test('moves nothing for who wants no motion', async () => {
    const display = () =>
      page.evaluate(() => {
        const dot = document.createElement('i');
        dot.className = 'dot ask';
        document.body.append(dot);
        const { display } = getComputedStyle(dot);
        dot.remove();
        return display;
      });
    expect(await display()).toBe('block');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await display()).toBe('none');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
  });

  test('finds out by a retry what became of a transfer that nobody answered', async () => {
    await killBoth();
    await press('Transfer');
    expect(await status().innerText()).toContain('Outcome unknown');
    await balance('21', 'last known');
    await page.getByText('Last known:', { exact: true }).waitFor();
    await startBoth();
    await balance('21');
    expect((await press('Retry the last key')).call).toBe('transfer joe ann 10, again');
    expect(await status().innerText()).toMatch(/^11, /);
    await balance('11');
  });

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

  test('shows why an order to a Region was not carried out, until the next order', async () => {
    const path = `**/regions/${FIRST}/freeze`;
    await page.route(path, (route) => route.abort());
    await button(`Freeze ${FIRST}`).click();
    await page.getByRole('alert').getByText(`Nobody answers who could freeze ${FIRST}`).waitFor();
    await page.unroute(path);
    await button(`Freeze ${FIRST}`).click();
    await state(FIRST, 'frozen');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await button(`Thaw ${FIRST}`).click();
    await state(FIRST, 'up');
  });

  test('lets a call be cancelled of which nobody knows what became of it', async () => {
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

  test('puts the bank under load while a Region freezes, and the books balance', async () => {
    await page.getByLabel('Clients').fill('8');
    await page.getByLabel('Seconds').fill('2');
    await button('Run the load test').click();
    await page.locator('.tiles').getByText('calls').waitFor();
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
    expect(Number(await page.locator('.tiles dd').first().innerText())).toBeGreaterThan(0);
  });

  test('is used without a mouse, and keeps the focus on the button that was pressed', async () => {
    await page.getByLabel('Amount').fill('1');
    await press('Withdraw');
    await press('Hold');
    await button('Void hold 1').waitFor();
    await page.locator('body').click({ position: { x: 1, y: 1 } });
    const reached: string[] = [];
    for (let presses = 0; presses < 90 && !reached.includes('Run the load test'); presses += 1) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    const rows = reached.filter((name) => name === 'summary').length;
    expect(rows).toBeGreaterThan(3);
    expect(reached.filter((name) => name !== 'summary')).toEqual([
      `Kill ${FIRST}`,
      `Freeze ${FIRST}`,
      `Kill ${SECOND}`,
      `Freeze ${SECOND}`,
      'account',
      'amount',
      'Deposit',
      'Withdraw',
      'Hold',
      'to',
      'Transfer',
      'Retry the last key',
      'Freeze debits',
      'Open debits',
      'Freeze credits',
      'Open credits',
      'Capture hold 1',
      'Void hold 1',
      expect.stringMatching(/^Refund entry \d+$/),
      'clients',
      'seconds',
      'Run the load test',
    ]);
    await page.getByLabel('Amount').focus();
    await page.keyboard.type('5');
    await page.keyboard.press('Enter');
    await page
      .locator('.calls')
      .getByText(/^deposit joe (5|15|51)$/)
      .waitFor();
    const row = page.locator('.calls summary').first();
    await row.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Copy key of call/ }).waitFor();
    await page.keyboard.press('Enter');

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
        (element?.matches('summary') ? 'summary' : '')
      );
    });
  }

  test.each([360, 390, 700, 1280])(
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

  test('keeps the picture, Kill and Deposit on the screen of a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate(() => scrollTo(0, 0));
    const box = async (element: Locator) => (await element.boundingBox()) ?? { y: -1, height: 0 };
    for (const label of [`Kill ${FIRST}`, `Kill ${SECOND}`, 'Deposit']) {
      const { y, height } = await box(button(label));
      expect(y).toBeGreaterThan(0);
      expect(y + height).toBeLessThan(844);
    }
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    expect(await box(page.locator('.picture'))).toMatchObject({ y: 0, height: 120 });
  });

  test('says so when the bank has ended', async () => {
    bank.say('quit');
    await page.getByRole('alert').getByText('npm start').waitFor();
    expect(await button(`Kill ${FIRST}`).getAttribute('aria-disabled')).toBe('true');
  });

  test('has not made a single error on the way', () => {
    expect(faults).toEqual([]);
  });
});
