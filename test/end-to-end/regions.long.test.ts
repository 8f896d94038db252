import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BankClient, type BankClientOptions, OutcomeUnknownError } from '../../client/index.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { newKey } from '../support/keys.ts';
import { StartedBank } from '../support/started-bank.ts';

/** What only processes show that are really killed and frozen. What a client does about it is in `test/client`, without a clock. */
const ONE = 'us-east-1';
const TWO = 'us-east-2';

let bank: StartedBank;
let accounts = 0;
let account: string;

beforeAll(async () => {
  bank = new StartedBank(['--json', '--ports', (await freePorts()).join(',')]);
  await bank.ready();
});
afterAll(async () => {
  bank.say('quit');
  await bank.exit;
});
beforeEach(async () => {
  accounts += 1;
  account = `account-${accounts}`;
  for (const region of [ONE, TWO]) {
    if (bank.region(region).state === 'frozen') {
      await thaw(region);
    }
    if (bank.region(region).state === 'down') {
      await start(region);
    }
  }
});

async function kill(region: string): Promise<void> {
  bank.say(`kill ${region}`);
  await bank.reports(region, 'down');
}
async function start(region: string): Promise<void> {
  bank.say(`start ${region}`);
  await bank.reports(region, 'up');
}
async function freeze(region: string): Promise<void> {
  bank.say(`freeze ${region}`);
  await bank.reports(region, 'frozen');
}
async function thaw(region: string): Promise<void> {
  bank.say(`thaw ${region}`);
  await bank.reports(region, 'up');
}

/** A client that waits for a busy machine, unless a test says otherwise. */
const clientOf = (options: Partial<BankClientOptions> = {}) =>
  new BankClient({
    endpoints: [ONE, TWO].map((region) => ({ url: bank.region(region).url, region })),
    attemptTimeoutMs: 60_000,
    callTimeoutMs: 300_000,
    ...options,
  });

describe('a Region that was frozen', () => {
  test('executes nothing twice when it wakes up and finds the request still waiting', async () => {
    await using client = clientOf({ attemptTimeoutMs: 1000 });
    await client.deposit(account, 10n);
    await freeze(ONE);
    await client.withdraw(account, 10n);
    await client.deposit(account, 10n);
    await thaw(ONE);
    // An answer from the thawed Region means that it has gone through what waited before.
    await using direct = clientOf({ endpoints: [bank.region(ONE).url] });
    expect(await direct.balance(account)).toMatchObject({ balance: 10n });
    expect(await direct.deposit(account, 1n)).toMatchObject({ balance: 11n });
  });
});

describe('both Regions', () => {
  test('dead: the call is unavailable and certainly not executed', async () => {
    await using client = clientOf({ maxAttempts: 4 });
    await Promise.all([kill(ONE), kill(TWO)]);
    const key = newKey();
    await expect(client.deposit(account, 10n, { key })).rejects.toMatchObject({ code: 'unavailable', key });
    await start(TWO);
    expect(await client.deposit(account, 10n, { key })).toMatchObject({ balance: 10n, region: TWO });
  });

  test('frozen: the outcome is unknown, and the same key resolves it once they wake', async () => {
    await using patient = clientOf();
    await patient.deposit(account, 10n);
    await Promise.all([freeze(ONE), freeze(TWO)]);
    await using hasty = clientOf({ attemptTimeoutMs: 500, callTimeoutMs: 1500 });
    const unknown = await hasty.withdraw(account, 4n).catch((error: unknown) => error);
    expect(unknown).toBeInstanceOf(OutcomeUnknownError);
    await Promise.all([thaw(ONE), thaw(TWO)]);
    const { key } = unknown as OutcomeUnknownError;
    expect(await patient.withdraw(account, 4n, { key })).toMatchObject({ balance: 6n });
    expect(await patient.balance(account)).toMatchObject({ balance: 6n });
  });
});
