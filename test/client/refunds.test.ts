import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type BankClient,
  type Entry,
  InvalidArgumentError,
  mintKey,
  RefusedError,
} from '../../client/index.ts';
import { type ProxiedRegions, patientClient, startProxiedRegions } from '../support/proxied-regions.ts';

let regions: ProxiedRegions;
let client: BankClient;
let account: string;
/** A withdrawal of 6 of the 10 in the account. */
let call: string;

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
  ({ key: call } = await client.withdraw(account, 6n));
});

const region = 'us-east-1';

async function entries(of = account): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const entry of client.entries(of)) {
    found.push(entry);
  }
  return found;
}

/** A payee that the account has transferred 3 to, and the key of that credit. */
async function transferred() {
  const payee = `payee-${mintKey()}`;
  await client.deposit(payee, 1n);
  await client.transfer(account, payee, 3n);
  const [credit] = await entries(payee);
  return { payee, credit: String(credit?.key) };
}

describe('a refund', () => {
  test('is answered with what was refunded, and its outcome is the same', async () => {
    const key = mintKey();
    const receipt = {
      account,
      key,
      balance: 6n,
      sequence: 4,
      at: expect.any(Date),
      call,
      amount: 2n,
      region,
    };
    const result = await client.refund(account, call, { amount: 2, key, reference: 'broken' });
    expect(result).toStrictEqual({ ...receipt, replayed: false });
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({ balance: '6', amount: '2' });

    const executed = { outcome: 'executed', ...receipt };
    expect(await client.outcome(account, key)).toStrictEqual(executed);
    expect(await client.cancel(account, key)).toStrictEqual(executed);
    expect(await client.refund(account, call, { amount: 2, key, reference: 'broken' })).toStrictEqual({
      ...receipt,
      replayed: true,
    });
  });

  test('refunds a part, then the rest, and `outcome` of the withdrawal returns their sum', async () => {
    expect(await client.outcome(account, call)).not.toHaveProperty('refunded');
    await client.refund(account, call, { amount: 2n });
    expect(await client.outcome(account, call)).toMatchObject({ outcome: 'executed', refunded: 2n });
    expect(await client.refund(account, call)).toMatchObject({ amount: 4n, balance: 10n });
    const whole = await client.outcome(account, call);
    expect(whole).toMatchObject({ balance: 4n, refunded: 6n });
    expect(JSON.parse(JSON.stringify(whole))).toMatchObject({ refunded: '6' });
  });

  test('of a transfer gives the money to the account that paid, and names it', async () => {
    const { payee, credit } = await transferred();
    const { key, ...refunded } = await client.refund(payee, credit, { amount: 2n });
    expect(refunded).toMatchObject({ account: payee, call: credit, amount: 2n, to: account, balance: 2n });
    expect(await client.balance(account)).toMatchObject({ balance: 3n, held: 0n });
    expect((await entries(payee)).slice(0, 2)).toMatchObject([
      { type: 'refunded', change: 0n, heldChange: -2n, call: credit, refund: key, other: account },
      { type: 'refund', key, change: -2n, heldChange: 2n, call: credit, other: account },
    ]);
    expect((await entries())[0]).toMatchObject({ type: 'credit', change: 2n, refund: key });
  });

  test('is refused, by a code of its own, where the call cannot be refunded', async () => {
    const { payee, credit } = await transferred();
    const deposit = (await entries()).at(-1)?.key;
    const { key: refund } = await client.refund(account, call, { amount: 5n });
    const refused = async (code: string, made: Promise<unknown>) => {
      await expect(made, code).rejects.toBeInstanceOf(RefusedError);
      await expect(made, code).rejects.toMatchObject({ code });
    };
    await refused('no_such_call', client.refund(account, mintKey()));
    await refused('no_such_call', client.refund(payee, call));
    await refused('not_refundable', client.refund(account, String(deposit)));
    await refused('not_refundable', client.refund(account, refund));
    await refused('refund_exceeded', client.refund(account, call, { amount: 2n }));
    await refused('no_such_account', client.refund(`nobody-${account}`, call));
    await client.setStatus(account, { credits: 'frozen' });
    await refused('account_frozen', client.refund(account, call));
    await refused('destination_frozen', client.refund(payee, credit));
    await client.withdraw(payee, 2n);
    await refused('not_enough_money', client.refund(payee, credit));
    expect(await client.outcome(account, call)).toMatchObject({ refunded: 5n });
  });

  test('is made once where its answer was lost: the other Region has it', async () => {
    regions.east.decide = () => ({ kind: 'drop_reply' });

    const result = await client.refund(account, call.toUpperCase(), { amount: 2n });

    expect(result).toMatchObject({ amount: 2n, balance: 6n, region: 'us-east-2', replayed: true });
    regions.heal();
    expect(await client.outcome(account, call)).toMatchObject({ refunded: 2n });
  });

  test('is never made once its key is cancelled', async () => {
    const key = mintKey();
    expect(await client.cancel(account, key)).toMatchObject({ outcome: 'cancelled' });
    await expect(client.refund(account, call, { key })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await client.balance(account)).toMatchObject({ balance: 4n });
  });

  test.each([
    { what: 'a key', of: 'order-4711', options: {} },
    { what: 'an amount', of: mintKey(), options: { amount: 0 } },
    { what: 'an amount', of: mintKey(), options: { amount: 1.5 } },
  ])('is refused before anything is sent without $what: $of $options', async ({ of, options }) => {
    const made = client.refund(account, of, options);
    await expect(made).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(made).rejects.toMatchObject({ message: expect.stringMatching(/ Nothing was sent\.$/) });
    expect(await entries()).toHaveLength(2);
  });
});
