import { afterEach, beforeEach, expect, test } from 'vitest';
import { noFault } from '../../infra/tools/drill/fault.ts';
import type { Exchange } from '../support/behaviours.ts';
import { answer, gateway } from '../support/behaviours.ts';
import { DrillCommand } from '../support/drill-command.ts';
import { shortDrill } from '../support/drill-lab.ts';
import { newKey } from '../support/keys.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';

let regions: TwoRegions;

beforeEach(async () => {
  regions = await startTwoRegions();
  regions.bank.nowMs = () => Date.now();
});
afterEach(() => regions[Symbol.asyncDispose]());

/** Executes the tenth deposit of each Region twice. */
function executesTwice(): (exchange: Exchange) => Promise<void> {
  let deposits = 0;
  return async (exchange) => {
    const { request, bank } = exchange;
    deposits += request.path.endsWith('/deposits') ? 1 : 0;
    if (request.path.endsWith('/deposits') && deposits === 10) {
      await bank.handle({ ...request, headers: { ...request.headers, 'idempotency-key': newKey() } });
    }
    await answer(exchange);
  };
}

test('a drill is not begun where a Region does not show a statement, and says which', async () => {
  const { east, west } = regions;
  west.usually = (exchange) => {
    const behaviour = exchange.request.path.includes('/entries') ? gateway(403, 'Forbidden') : answer;
    behaviour(exchange);
  };
  await expect(shortDrill([east, west], 7, { fault: noFault })).rejects.toMatchObject({
    code: 'bank_not_whole',
    message: expect.stringMatching(/^The drill did not start, because us-east-2 is not healthy: .*statement/),
  });
});

// Every way in which a bank can break a promise is in test/load: the drill makes the same checks.
test.each([
  { bank: 'is right', isBroken: false },
  { bank: 'executes a deposit twice', isBroken: true },
])('npm run drill tells what it found, and ends accordingly, when the bank $bank', async ({ isBroken }) => {
  if (isBroken) {
    regions.east.usually = executesTwice();
    regions.west.usually = executesTwice();
  }
  using command = new DrillCommand(regions.east.url, regions.west.url);
  const { code, stdout } = await command.run([
    ...['--fault', 'none', '--region', 'us-east-2', '--minutes', '0.1', '--pace', '10'],
  ]);
  const broken = [...stdout.matchAll(/^BROKEN {2}(\w+) .*broken\)$/gm)].map(([, name]) => name);
  expect(broken).toEqual(isBroken ? expect.arrayContaining(['I2', 'statement']) : []);
  expect(stdout.includes('NOT PASSED.')).toBe(isBroken);
  expect(code).toBe(isBroken ? 1 : 0);
});
