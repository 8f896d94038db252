import { describe, expect } from 'vitest';
import { platform } from '../../client/environment.ts';
import { BankClient } from '../../client/index.ts';
import { send } from '../../client/load/call.ts';
import { inspect, inspectAnswering } from '../../client/load/inspect.ts';
import { Ledger } from '../../client/load/ledger.ts';
import { runLoad } from '../../client/load/run.ts';
import { answer, gateway, sendAnswer } from '../support/behaviours.ts';
import { realTimeTest, type TwoRegions } from '../support/two-regions.ts';
import { deposit, withdraw } from './records.ts';

/** A test of a bank after a few calls, all of them answered by the first Region. */
const test = realTimeTest.extend<{ ledger: Ledger }>({
  ledger: async ({ regions: { east, west } }, use) => {
    const ledger = new Ledger();
    await runLoad({
      ledger,
      seed: 7,
      clients: 1,
      maxCalls: 20,
      accountsOf: () => ['joe'],
      connect: (_, onEvent) => new BankClient({ endpoints: [east.url, west.url], onEvent }),
      environment: platform,
      signal: new AbortController().signal,
    });
    await use(ledger);
  },
});

/** Options without Regions: the names of the endpoints are their hosts. */
function optionsOf({ east, west }: TwoRegions, forMs = 30_000) {
  return {
    endpoints: [east, west].map(({ url }) => ({ name: new URL(url).host, url })),
    options: { callTimeoutMs: 500 },
    chance: () => 0.5,
    patience: { environment: platform, forMs, pauseMs: 1, atOnce: 4 },
  };
}

describe('an inspection', () => {
  test.for(['executed', 'refused'] as const)(
    'finds a call that was lost after it was %s',
    async (kind, { regions, ledger }) => {
      await using client = new BankClient({ endpoints: [regions.east.url] });
      const call = kind === 'executed' ? deposit(10) : withdraw(1_000_000);
      const record = ledger.begin(call, 0);
      ledger.end(record, await send(client, call), { durationMs: 1, failedOver: true });
      regions.bank.loseLastEntry('joe');

      const checks = await inspect(ledger, optionsOf(regions));
      expect(checks.flatMap(({ name, broken }) => broken.map((each) => `${name} ${each}`))).toEqual([
        kind === 'executed'
          ? `I4 joe ${record.key}: the retry was executed again`
          : `I4r joe ${record.key}: the retry was refused again, but the first refusal was not recorded`,
      ]);
    },
  );

  test('retries through another endpoint than the one that answered', async ({ regions, ledger }) => {
    const [before, retriedBefore] = [regions.east, regions.west].map(({ requests }) => requests.length);
    const checks = await inspect(ledger, optionsOf(regions));
    const moves = ({ requests }: TwoRegions['east'], from = 0) =>
      requests.slice(from).filter(({ method }) => method === 'POST').length;
    expect(moves(regions.east, before)).toBe(0);
    expect(moves(regions.west, retriedBefore)).toBeGreaterThan(0);
    expect(checks.find(({ name }) => name === 'I4')).toMatchObject({
      promise: 'a retry through another Region gets the recorded reply again',
      broken: [],
      open: [],
    });
  });

  test('says that retries stayed in the Region where no other one answers', async ({ regions, ledger }) => {
    await regions.west.stop();
    const { verdict, checks } = await inspectAnswering(ledger, optionsOf(regions));
    expect(verdict).toBe('balanced');
    expect(checks.find(({ name }) => name === 'I4')?.promise).toBe(
      'a retry, through the Region that had answered if no other one answers, gets the recorded reply again',
    );
  });

  test('leaves open what a Region refuses to say, and checks the rest', async ({ regions, ledger }) => {
    regions.west.usually = (exchange) => {
      const behaviour = exchange.request.method === 'GET' ? gateway(403, 'Forbidden') : answer;
      behaviour(exchange);
    };
    const checks = await inspect(ledger, optionsOf(regions));
    const west = new URL(regions.west.url).host;
    expect(checks.flatMap(({ name, open }) => open.map((each) => `${name} ${each}`))).toEqual([
      `I2 joe in ${west}: not authorized`,
      `statement joe in ${west}: not authorized`,
    ]);
    expect(checks.flatMap(({ broken }) => broken)).toEqual([]);
  });

  test.for<[string, (query: string) => boolean]>([
    ['newest', (query) => !query.includes('after=')],
    ['oldest', (query) => query.includes('after=')],
  ])(
    'finds a fault of a statement that only its %s entries first show',
    async ([, isAsked], { regions, ledger }) => {
      regions.usually(async ({ request, response, bank }) => {
        const answered = await bank.handle(request);
        const { entries } = answered.body;
        const fewer =
          Array.isArray(entries) && isAsked(request.path) ? { entries: entries.slice(0, -1) } : {};
        sendAnswer(response, { ...answered, body: { ...answered.body, ...fewer } });
      });
      const checks = await inspect(ledger, optionsOf(regions));
      expect(checks.filter(({ broken }) => broken.length > 0).map(({ name }) => name)).toEqual(['statement']);
    },
  );

  test('of a wholly known run that executed nothing finds balanced books', async ({ regions }) => {
    await using client = new BankClient({ endpoints: [regions.east.url] });
    const ledger = new Ledger();
    const record = ledger.begin(withdraw(5), 0);
    ledger.end(record, await send(client, withdraw(5)), { durationMs: 1, failedOver: false });
    const { verdict, checks } = await inspectAnswering(ledger, optionsOf(regions));
    expect(verdict).toBe('balanced');
    expect(checks.map(({ name }) => name)).toEqual(['I2', 'I4r', 'statement']);
  });
});
