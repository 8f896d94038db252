import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type BankClient,
  type Entry,
  InvalidArgumentError,
  mintKey,
  type Status,
} from '../../client/index.ts';
import { type ProxiedRegions, patientClient, startProxiedRegions } from '../support/proxied-regions.ts';

let regions: ProxiedRegions;
let client: BankClient;
let account: string;

beforeAll(async () => {
  regions = await startProxiedRegions();
  client = patientClient(regions);
});
afterAll(async () => {
  await client.close();
  await regions[Symbol.asyncDispose]();
});
beforeEach(async () => {
  regions.heal();
  account = `account-${mintKey()}`;
  await client.deposit(account, 10n);
});

const region = 'us-east-1';

async function entries(): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const entry of client.entries(account, { refusals: true })) {
    found.push(entry);
  }
  return found;
}

describe('a change of status', () => {
  test('is answered with what was asked for, and its outcome is the same', async () => {
    const key = mintKey();
    const receipt = {
      account,
      key,
      balance: 10n,
      sequence: 2,
      at: expect.any(Date),
      debits: 'frozen',
      region,
    };
    const result = await client.setStatus(account, { debits: 'frozen' }, { key, reference: 'case 7' });
    expect(result).toStrictEqual({ ...receipt, replayed: false });
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({ balance: '10', debits: 'frozen' });

    const executed = { outcome: 'executed', ...receipt };
    expect(await client.outcome(account, key)).toStrictEqual(executed);
    expect(await client.cancel(account, key)).toStrictEqual(executed);
  });

  test('shows in the balance while it lasts, and in the statement for good', async () => {
    const shown = { account, balance: 10n, held: 0n, region };
    await client.setStatus(account, { debits: 'frozen', credits: 'frozen' });
    expect(await client.balance(account)).toStrictEqual({ ...shown, debits: 'frozen', credits: 'frozen' });
    await expect(client.withdraw(account, 1n)).rejects.toMatchObject({ code: 'account_frozen', status: 409 });
    await expect(client.deposit(account, 1n)).rejects.toMatchObject({ code: 'account_frozen' });

    await client.setStatus(account, { debits: 'open', credits: 'open' });
    expect(await client.balance(account)).toStrictEqual(shown);
    expect(await client.withdraw(account, 1n)).toMatchObject({ balance: 9n });
    expect((await entries()).map(({ type, debits, credits }) => [type, debits, credits])).toEqual([
      ['withdrawal', undefined, undefined],
      ['status', 'open', 'open'],
      ['refused', undefined, undefined],
      ['refused', undefined, undefined],
      ['status', 'frozen', 'frozen'],
      ['deposit', undefined, undefined],
    ]);
  });

  test('returns a transfer to a frozen account to its payer', async () => {
    const payer = `payer-${mintKey()}`;
    await client.deposit(payer, 5n);
    await client.setStatus(account, { credits: 'frozen' });

    await expect(client.transfer(payer, account, 3n)).rejects.toMatchObject({ code: 'destination_frozen' });
    expect(await client.balance(payer)).toMatchObject({ balance: 5n, held: 0n });
  });

  test('is made once where its answer was lost: the other Region has it', async () => {
    regions.east.decide = () => ({ kind: 'drop_reply' });

    const result = await client.setStatus(account, { debits: 'frozen' });

    expect(result).toMatchObject({ debits: 'frozen', region: 'us-east-2', replayed: true });
    expect(await entries()).toHaveLength(2);
  });

  test.each([
    {},
    { debits: 'shut' },
    { credits: true },
    { debits: 'open', credits: null },
    { debits: undefined },
  ])(
    'is refused before anything is sent where it names no side, or what a side cannot be: %j',
    async (status) => {
      const call = client.setStatus(account, status as Status);
      await expect(call).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(call).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringMatching(
          /^status: debits and credits are "open" or "frozen", .* Nothing was sent\.$/,
        ),
      });
      expect(await entries()).toHaveLength(1);
    },
  );
});
