import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DrillOptions } from '../../infra/tools/drill/drill.ts';
import { noFault } from '../../infra/tools/drill/fault.ts';
import type { Report } from '../../infra/tools/drill/report.ts';
import { toText } from '../../infra/tools/drill/text.ts';
import { answer, type Behaviour, gateway, sendAnswer, sendJson } from '../support/behaviours.ts';
import { DrillCommand } from '../support/drill-command.ts';
import { shortDrill } from '../support/drill-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import type { Exchange } from '../support/scripted-endpoint.ts';
import { seedOf } from '../support/seed.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';

const seed = seedOf('drills of a broken bank');
let regions: TwoRegions;

beforeEach(async () => {
  regions = await startTwoRegions();
  regions.bank.nowMs = () => Date.now();
});
afterEach(() => regions[Symbol.asyncDispose]());

/** Behaves like this in both Regions. */
function usually(behaviour: Behaviour): void {
  regions.east.usually = behaviour;
  regions.west.usually = behaviour;
}

function isDeposit({ request }: Exchange): boolean {
  return request.path.endsWith('/deposits');
}

/** Does this instead with the tenth request of a kind. */
function onTheTenth(is: (exchange: Exchange) => boolean, fault: Behaviour): Behaviour {
  let count = 0;
  return (exchange) => {
    if (is(exchange)) {
      count += 1;
    }
    if (is(exchange) && count === 10) {
      fault(exchange);
    } else {
      answer(exchange);
    }
  };
}

function drill(parts: Partial<DrillOptions> = {}): Promise<Report> {
  const { east, west } = regions;
  return shortDrill(
    [
      { region: east.region, url: east.url },
      { region: west.region, url: west.url },
    ],
    seed,
    {
      fault: noFault,
      plan: { beforeMs: 500, faultMs: 1500, afterAtLeastMs: 100, afterAtMostMs: 1000, verifyMs: 2000 },
      callsPerSecond: 20,
      ...parts,
    },
  );
}

function brokenOnes({ checks }: Report): string[] {
  return checks.filter(({ broken }) => broken.length > 0).map(({ name }) => name);
}

describe('a drill finds out', () => {
  test('nothing about a bank that is right', async () => {
    const report = await drill();
    expect(brokenOnes(report)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(toText(report)).toContain('the fault was not felt, and this drill proves little');
  });

  test('that a deposit took effect twice', async () => {
    usually(
      onTheTenth(isDeposit, async (exchange) => {
        const { headers } = exchange.request;
        await exchange.bank.handle({
          ...exchange.request,
          headers: { ...headers, 'idempotency-key': newKey() },
        });
        await answer(exchange);
      }),
    );
    const report = await drill();
    expect(brokenOnes(report)).toEqual(expect.arrayContaining(['I2', 'statement']));
    expect(report.ok).toBe(false);
    expect(toText(report)).toMatch(/^BROKEN {2}I2 /m);
    expect(toText(report)).toMatch(/NOT PASSED\.$/);
  });

  test('that a deposit was answered and never made', async () => {
    usually(
      onTheTenth(isDeposit, ({ request, response, bank }) => {
        const account = request.path.split('/')[2] ?? '';
        const { amount } = JSON.parse(request.body);
        const balance = String(bank.balanceOf(account) + BigInt(amount));
        const receipt = { balance, sequence: 10, at: new Date().toISOString() };
        sendJson(response, request.region, 200, { account, key: request.key, ...receipt });
      }),
    );
    // A retry makes up for it, and is answered otherwise; without one the money is missing.
    expect(brokenOnes(await drill())).not.toEqual([]);
  });

  test('that a call was lost, although its retry executes it again and is given the same reply', async () => {
    const report = await drill({
      callsPerSecond: 5,
      onProgress: ({ phase }) => {
        const account = regions.bank.executions[0]?.account ?? '';
        if (phase === 'verifying') {
          regions.bank.loseLastEntry(account);
        }
      },
    });
    expect(brokenOnes(report)).toEqual(['I4']);
    expect(toText(report)).toMatch(/^ +drill-.*-whole .*: the retry was executed again$/m);
  });

  test('that a retry is given another reply', async () => {
    const seen = new Set<string>();
    usually(async (exchange) => {
      const { key = '' } = exchange.request;
      const isRetry = seen.has(key);
      if (key !== '') {
        seen.add(key);
      }
      const answered = await exchange.bank.handle(exchange.request);
      const wrong = isRetry && isDeposit(exchange) ? { balance: '123456' } : {};
      sendAnswer(exchange.response, { ...answered, body: { ...answered.body, ...wrong } });
    });
    expect(brokenOnes(await drill())).toEqual(['I4']);
  });

  test('that what was refused is executed when it is retried', async () => {
    const refused = new Set<string>();
    usually(async (exchange) => {
      const { request, response, bank } = exchange;
      const { key = '', headers } = request;
      // The bank is asked with another key, so that it has no memory of what it had refused.
      const isRetry = refused.has(key);
      if (isRetry) {
        const deposit = { ...request, path: request.path.replace('withdrawals', 'deposits') };
        const other = { ...headers, 'idempotency-key': keyAt(Date.now()) };
        const { status, body } = await bank.handle({ ...deposit, headers: other });
        sendJson(response, request.region, status, { ...body, key });
        return;
      }
      const answered = await bank.handle(request);
      if (key !== '' && answered.status >= 400) {
        refused.add(key);
      }
      sendAnswer(response, answered);
    });
    expect(brokenOnes(await drill())).toEqual(['I2', 'I4r', 'statement']);
  });

  test('that one Region shows another balance than the other', async () => {
    regions.west.usually = async (exchange) => {
      const answered = await exchange.bank.handle(exchange.request);
      const wrong = exchange.request.method === 'GET' && answered.status === 200 ? { balance: '3' } : {};
      const body = { ...answered.body, ...wrong };
      sendAnswer(exchange.response, { ...answered, body });
    };
    const report = await drill();
    expect(brokenOnes(report)).toEqual(['I2']);
    expect(report.checks.find(({ name }) => name === 'I2')?.broken).toEqual(
      expect.arrayContaining([expect.stringMatching(/ in us-east-2: 3 instead of \d+$/)]),
    );
  });

  test('that a statement lacks an entry in one Region', async () => {
    regions.west.usually = async ({ request, response, bank }) => {
      const answered = await bank.handle(request);
      const { entries } = answered.body;
      const fewer = Array.isArray(entries) ? { entries: entries.slice(0, -1) } : {};
      sendAnswer(response, { ...answered, body: { ...answered.body, ...fewer } });
    };
    const report = await drill();
    expect(brokenOnes(report)).toEqual(['statement']);
    expect(toText(report)).toMatch(/^BROKEN {2}statement /m);
  });

  test('nothing where no Region answers, and reports the checks as open', async () => {
    let isClosed = false;
    usually((exchange) => {
      if (isClosed) {
        exchange.response.destroy();
      } else {
        answer(exchange);
      }
    });
    setTimeout(() => {
      isClosed = true;
    }, 1500);
    const report = await drill({ options: { attemptTimeoutMs: 200, callTimeoutMs: 400 } });
    expect(brokenOnes(report)).toEqual([]);
    expect(report.unknown.unresolved).toBeGreaterThan(0);
    expect(report.ok).toBe(false);
    expect(toText(report)).toMatch(/^OPEN {4}I2 /m);
    expect(toText(report)).toMatch(/\d+ COULD NOT BE RESOLVED\.$/m);
  });
});

test('a drill is not begun where a Region does not show a statement, and says which', async () => {
  regions.west.usually = (exchange) => {
    const behaviour = exchange.request.path.includes('/entries') ? gateway(403, 'Forbidden') : answer;
    behaviour(exchange);
  };
  await expect(drill()).rejects.toMatchObject({
    code: 'bank_not_whole',
    message: expect.stringMatching(/^us-east-2 is not fit for a drill, and no fault was begun: .*statement/),
  });
});

describe('npm run drill', () => {
  test('ends with 1 when a promise was broken', async () => {
    usually(
      onTheTenth(isDeposit, async (exchange) => {
        await exchange.bank.handle({ ...exchange.request, headers: { 'idempotency-key': newKey() } });
        await answer(exchange);
      }),
    );
    using command = new DrillCommand(regions.east.url, regions.west.url);
    const { code, stdout } = await command.run([
      ...['--fault', 'none', '--region', 'us-east-2', '--minutes', '0.1', '--pace', '10'],
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^BROKEN {2}I2 .*broken\)$/m);
  });
});
