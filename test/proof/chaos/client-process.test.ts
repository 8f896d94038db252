import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundle } from '../../../infra/bundle.ts';
import { startTwoRegions, type TwoRegions } from '../../support/two-regions.ts';
import { ClientHost } from './client-host.ts';
import { ChaosLedger } from './ledger.ts';
import { runLoad } from './load.ts';
import type { ClientMessage, ClientSettings, NewCall, RunMessage } from './messages.ts';
import { KeyWatch } from './watches.ts';

const folder = mkdtempSync(join(tmpdir(), 'twinbank-chaos-client-'));
const program = join(folder, 'client.mjs');
const DEPOSIT: NewCall = { kind: 'deposit', account: 'given-joe', amountMinor: 10n, keyAgeMs: 0 };

let regions: TwoRegions;
let settings: ClientSettings;
let client: ClientHost;

beforeAll(async () => {
  const entry = fileURLToPath(new URL('./client-process.ts', import.meta.url));
  await bundle({ entry, outFile: program as `${string}.mjs`, target: 'node20' });
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  regions = await startTwoRegions();
  regions.bank.nowMs = () => Date.now();
  const endpoints = [regions.east, regions.west].map(({ url, region }) => ({ url, region }));
  settings = {
    callers: [true, false].map((letsMint) => ({ endpoints, hedgeAfterMs: undefined, letsMint })),
    attemptTimeoutMs: 20_000,
    callTimeoutMs: 20_000,
    probeIntervalMs: 20_000,
  };
  client = new ClientHost({
    number: 0,
    program,
    settings,
    onBroken: (error) => {
      throw error;
    },
  });
  await client.start();
});
afterEach(async () => {
  await client.stop();
  await regions[Symbol.asyncDispose]();
});

/** Has two callers make one call each. */
async function loadOf() {
  const keys = new KeyWatch();
  const ledger = new ChaosLedger(() => performance.now());
  const ending = new AbortController();
  const behaviour = regions.east.usually;
  regions.east.usually = (exchange) => {
    keys.pass(exchange.request);
    ending.abort();
    behaviour(exchange);
  };
  const load = { hosts: [client], callers: 2, pace: 20, ledger, keys };
  await runLoad({ ...load, openScript: () => () => ({ asked: DEPOSIT }), signal: ending.signal });
  const arrived = regions.east.requests.flatMap(({ key }) => key ?? []);
  return { ledger, arrived, broken: keys.check(ledger.calls.records, NOTHING).broken };
}

const NOTHING = { accounts: [], pages: [], cached: [] };

test('calls are in the ledger under the keys that their clients reported, whether the client or its caller minted them', async () => {
  const { ledger, arrived, broken } = await loadOf();
  expect(ledger.calls.records.map(({ key }) => key).sort()).toEqual(arrived.sort());
  expect(ledger.calls.records.map(({ outcome }) => outcome.kind)).toEqual(['executed', 'executed']);
  expect(broken).toEqual([]);
});

test('the key of a call is known although its client was killed when its request arrived', async () => {
  regions.east.usually = () => void client.kill();
  const { ledger, arrived, broken } = await loadOf();
  expect(arrived).not.toEqual([]);
  expect(ledger.unknown.map(({ move }) => move.key)).toEqual(expect.arrayContaining(arrived));
  expect(broken).toEqual([]);
});

test('nothing is sent before the run has received the key', async () => {
  const child = fork(program, [JSON.stringify(settings)], { execArgv: [], serialization: 'advanced' });
  const send = (message: RunMessage) => child.send(message);
  const arrived = () => regions.east.requests.map(({ method }) => method);
  const seen: unknown[] = [];
  child.on('message', (message: ClientMessage) => {
    if (message.type === 'ready') {
      send({ type: 'ask', caller: 0, asked: DEPOSIT });
    }
    // The run takes its time, while the other caller is answered.
    if (message.type === 'key') {
      send({ type: 'ask', caller: 1, asked: { kind: 'balance', account: 'joe' } });
    }
    if (message.type === 'reply') {
      seen.push([message.caller, arrived()]);
    }
    if (message.type === 'reply' && message.caller === 1) {
      send({ type: 'key_received', caller: 0 });
    }
    if (message.type === 'reply' && message.caller === 0) {
      child.disconnect();
    }
  });
  await once(child, 'exit');
  expect(seen).toEqual([
    [1, ['GET']],
    [0, ['GET', 'POST']],
  ]);
});
