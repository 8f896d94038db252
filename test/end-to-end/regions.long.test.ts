import { expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';

/** What only a process shows that is really frozen. What a client does when Regions are dead or hang is in `test/client`. */
test('a Region that was frozen executes nothing twice when it wakes up and finds the request still waiting', async () => {
  const lab = new BankLab();
  try {
    const bank = await lab.start(null);
    await bank.ready();
    const clientOf = (regions: readonly string[], attemptTimeoutMs: number) =>
      new BankClient({
        endpoints: regions.map((region) => ({ url: bank.region(region).url, region })),
        ...{ attemptTimeoutMs, callTimeoutMs: 300_000 },
      });
    await using client = clientOf([FIRST, SECOND], 1000);
    await client.deposit('joe', 10n);
    await bank.order('freeze', FIRST);
    await client.withdraw('joe', 10n);
    await client.deposit('joe', 10n);
    await bank.order('thaw', FIRST);
    // An answer from the thawed Region means that it has gone through what waited before.
    await using direct = clientOf([FIRST], 60_000);
    expect(await direct.balance('joe')).toMatchObject({ balance: 10n });
    expect(await direct.deposit('joe', 1n)).toMatchObject({ balance: 11n });
  } finally {
    await lab.close();
  }
});
