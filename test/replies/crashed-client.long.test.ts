import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BankClient } from '../../client/index.ts';
import { LocalBank } from '../../infra/local/bank.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';

const TRIALS = 25;
/** As long as no client died on one side of its payment, more of them run, with more time: a machine may be slow. */
const MAX_TRIALS = 200;
const PROGRAM = fileURLToPath(new URL('./crashing-client.ts', import.meta.url));

let folder: string;
let bank: LocalBank;
let urls: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinbank-crash-'));
  bank = await LocalBank.start({ dataFolder: null, ports: await freePorts() });
  urls = bank.status().map(({ url }) => url);
});
afterAll(async () => {
  await bank.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a client that dies at any point is finished by another process, through the other Region: paid once', async () => {
  const chance = chanceFrom(seedOf('crashed clients'));
  const counts = { paidBefore: 0, paidAfter: 0 };
  const both = () => counts.paidBefore > 0 && counts.paidAfter > 0;
  for (let trial = 0; trial < TRIALS || !both(); trial += 1) {
    expect(trial, `all died on one side of their payment: ${JSON.stringify(counts)}`).toBeLessThan(
      MAX_TRIALS,
    );
    const account = `account-${randomUUID()}`;
    const orderFile = join(folder, `order-${trial}.json`);
    await using setUp = new BankClient({ endpoints: urls });
    await setUp.deposit(account, 100n);

    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, orderFile, account, ...urls], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Some come to their end before they are killed.
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    // The call takes some 30 ms from here on: some die before it is sent, some in the middle, some after it.
    await sleep(chance() * Math.max(60, 3 * trial));
    child.kill('SIGKILL');
    await ended;

    const order = JSON.parse(await readFile(orderFile, 'utf8'));
    await using other = new BankClient({ endpoints: urls.toReversed() });
    const soFar = await other.outcome(account, order.key);
    counts[soFar.outcome === 'executed' ? 'paidBefore' : 'paidAfter'] += 1;
    const receipt = await other.withdraw(order.account, order.amountMinor, { key: order.key });
    expect(receipt).toMatchObject({ balance: 90n, region: 'us-east-2' });
    expect(await other.withdraw(order.account, order.amountMinor, { key: order.key })).toEqual({
      ...receipt,
      replayed: true,
    });
    expect(await other.balance(account)).toMatchObject({ balance: 90n });
  }
  console.log(`clients killed: ${counts.paidBefore} had paid, ${counts.paidAfter} had not`);
});
