import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  BankClient,
  type BankClientOptions,
  type BankEvent,
  OutcomeUnknownError,
} from '../../client/index.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { playSession } from '../../infra/local/session.ts';
import { newKey } from '../support/keys.ts';
import { StartedBank } from '../support/started-bank.ts';

const ONE = 'us-east-1';
const TWO = 'us-east-2';

let bank: StartedBank;
let events: BankEvent[];
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
  events = [];
  accounts += 1;
  account = `account-${accounts}`;
  for (const region of [ONE, TWO]) {
    if (bank.region(region).state === 'frozen') await thaw(region);
    if (bank.region(region).state === 'down') await start(region);
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

const clientOf = (options: Partial<BankClientOptions> = {}) =>
  new BankClient({
    endpoints: [ONE, TWO].map((region) => ({ url: bank.region(region).url, region })),
    onEvent: (event) => events.push(event),
    ...options,
  });

/** Whom the client asked, in order, since the last time. */
function asked(): string[] {
  const names = events.flatMap((event) => (event.type === 'attempt_started' ? [event.endpoint.name] : []));
  events.length = 0;
  return names;
}
const reasons = () => events.flatMap((event) => (event.type === 'attempt_failed' ? [event.reason] : []));
const waited = () => events.some(({ type }) => type === 'waiting');

it("plays the tutorial's session with every answer right, over processes that are really killed", async () => {
  await using client = clientOf();
  const said: string[] = [];
  const wrong = await playSession({
    bank: { regions: [ONE, TWO], kill, start },
    client,
    say: (line) => said.push(line),
    signal: AbortSignal.timeout(60_000),
  });
  expect(wrong, said.join('\n')).toBe(0);
});

it('takes an account name percent-encoded or not for the same account', async () => {
  await using client = clientOf();
  const name = `${account}:eu@bank`;
  await client.deposit(name, 10n);
  const answer = await fetch(`${bank.region(TWO).url}/accounts/${encodeURIComponent(name)}`);
  expect(await answer.json()).toEqual({ account: name, balance: '10' });
});

describe('a Region that is killed', () => {
  it('costs no sleep, and calls after it do not try the dead one first', async () => {
    await using client = clientOf();
    await client.deposit(account, 10n);
    await kill(ONE);
    events.length = 0;
    expect(await client.deposit(account, 5n)).toMatchObject({ balance: 15n, region: TWO });
    expect(waited()).toBe(false);
    expect(asked()).toEqual([ONE, TWO]);
    expect(await client.balance(account)).toMatchObject({ balance: 15n, region: TWO });
    await client.withdraw(account, 1n);
    expect(asked()).toEqual([TWO, TWO]);
  });

  it('is gone back to once it is whole again', async () => {
    await using client = clientOf({ probeIntervalMs: 1 });
    await kill(ONE);
    await client.deposit(account, 10n);
    await client.balance(account);
    await start(ONE);
    await expect.poll(async () => (await client.balance(account)).region, { timeout: 20_000 }).toBe(ONE);
  });
});

describe('a Region that is frozen', () => {
  it('costs one attempt timeout, once', async () => {
    await using client = clientOf({ attemptTimeoutMs: 1000 });
    await client.deposit(account, 10n);
    await freeze(ONE);
    events.length = 0;
    expect(await client.deposit(account, 5n)).toMatchObject({ balance: 15n, region: TWO });
    expect(reasons()).toEqual(['timed_out']);
    expect(waited()).toBe(false);
    expect(asked()).toEqual([ONE, TWO]);
    await client.deposit(account, 5n);
    await client.balance(account);
    expect(asked()).toEqual([TWO, TWO]);
  });

  it('executes nothing twice when it wakes up and finds the request still waiting', async () => {
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

  it('is not even waited for when calls are hedged', async () => {
    await using client = clientOf({ attemptTimeoutMs: 30_000, callTimeoutMs: 30_000, hedgeAfterMs: 50 });
    await client.deposit(account, 10n);
    await freeze(ONE);
    expect(await client.deposit(account, 5n)).toMatchObject({ balance: 15n, region: TWO });
    expect(reasons()).not.toContain('timed_out');
  });
});

describe('both Regions', () => {
  it('dead: the call is unavailable and certainly not executed', async () => {
    await using client = clientOf({ callTimeoutMs: 500 });
    await Promise.all([kill(ONE), kill(TWO)]);
    const key = newKey();
    await expect(client.deposit(account, 10n, { key })).rejects.toMatchObject({ code: 'unavailable', key });
    await start(TWO);
    expect(await client.deposit(account, 10n, { key })).toMatchObject({ balance: 10n, region: TWO });
  });

  it('frozen: the outcome is unknown, and the key settles it once they wake', async () => {
    await using client = clientOf({ attemptTimeoutMs: 500, callTimeoutMs: 1500 });
    await client.deposit(account, 10n);
    await Promise.all([freeze(ONE), freeze(TWO)]);
    const unknown = await client.withdraw(account, 4n).catch((error: unknown) => error);
    expect(unknown).toBeInstanceOf(OutcomeUnknownError);
    await Promise.all([thaw(ONE), thaw(TWO)]);
    const { key } = unknown as OutcomeUnknownError;
    expect(await client.withdraw(account, 4n, { key })).toMatchObject({ balance: 6n });
    expect(await client.balance(account)).toMatchObject({ balance: 6n });
  });

  it('killed under load: no deposit that was answered is lost, and none counts twice', async () => {
    const answered: string[] = [];
    const open: string[] = [];
    await using client = clientOf({ callTimeoutMs: 1000 });
    const load = async () => {
      for (let calls = 0; calls < 40; calls += 1) {
        const key = newKey();
        await client.deposit(account, 1n, { key }).then(
          () => answered.push(key),
          () => open.push(key),
        );
      }
    };
    const running = Promise.all(Array.from({ length: 8 }, load));
    await expect.poll(() => answered.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(40);
    await Promise.all([kill(ONE), kill(TWO)]);
    await Promise.all([start(ONE), start(TWO)]);
    await running;
    // Every call that was left open is settled with its key; then the books must say one for each key.
    for (const key of open) await client.deposit(account, 1n, { key });
    expect(answered.length + open.length).toBe(320);
    expect(await client.balance(account)).toMatchObject({ balance: 320n });
  });
});
