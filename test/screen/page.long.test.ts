import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIRST } from '../support/bank-lab.ts';
import { NO_BROWSER } from '../support/browser.ts';
import { testAccess } from './page/access.ts';
import { testCalls } from './page/calls.ts';
import { testFailures } from './page/failures.ts';
import { testLoad } from './page/load.ts';
import { testOperations } from './page/operations.ts';
import { planVisit } from './page/visit.ts';

const name = ['the page in a browser', NO_BROWSER].filter(Boolean).join(', ');

// One bank and one browser for all, since both are slow to start: each test goes on where the one before has left the page.
describe.skipIf(NO_BROWSER !== undefined)(name, () => {
  const visit = planVisit();
  beforeAll(visit.begin);
  afterAll(visit.end);

  testCalls(visit);
  testOperations(visit);
  testFailures(visit);
  testLoad(visit);
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
