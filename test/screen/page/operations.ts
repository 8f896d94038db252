import { expect, test } from 'vitest';
import { FIRST } from '../../support/bank-lab.ts';
import type { Visit } from './visit.ts';

/** Transfers, holds, refunds, and accounts that are frozen. */
export function testOperations(visit: Visit): void {
  const { button, status, balance, show, press, entry, focused } = visit;

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
    const holds = visit.page.getByRole('list', { name: 'Open holds of joe' }).getByRole('listitem');
    await visit.page.getByLabel('Amount').fill('3');
    await press('Hold');
    expect(await status().innerText()).toBe(`10 (3 held), from ${FIRST}`);
    await holds.filter({ hasText: '3 until ' }).waitFor();
    await visit.page.getByLabel('Amount').fill('2');
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
    await visit.page.getByLabel('Amount').fill('10');
  });

  test('refunds what the statement shows: a capture, and a credit to the account that paid', async () => {
    const rowOf = (name: string, type: RegExp) => {
      const rows = visit.page.getByRole('list', { name: `Statement of ${name}` }).getByRole('listitem');
      return rows.filter({ has: visit.page.getByText(type) }).first();
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
    await visit.page.getByLabel('Amount').fill('2');
    await press('Withdraw');
    await visit.page.getByLabel('Amount').fill('10');
    await balance('11');
  });

  test('freezes an account and opens it, and shows what is frozen beside the balance and in the statement', async () => {
    await visit.page.getByText('Freeze or open the account').click();
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
}
