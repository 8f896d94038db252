import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { platform } from '../../client/environment.ts';
import { isKept } from '../../client/load/check.ts';
import { type DrillEndpoint, type DrillOptions, holdDrill } from '../../infra/tools/drill/drill.ts';
import { DrillError, type Fault, noFault } from '../../infra/tools/drill/fault.ts';
import type { Report } from '../../infra/tools/drill/report.ts';
import { toText } from '../../infra/tools/drill/text.ts';
import { BankLab, FIRST, SECOND } from '../support/bank-lab.ts';
import { answer, type Behaviour, drop, type Exchange, gateway } from '../support/behaviours.ts';
import { seedOf } from '../support/seed.ts';
import type { StartedBank } from '../support/started-bank.ts';
import { realTimeTest as regionsTest } from '../support/two-regions.ts';

const lab = new BankLab();
let bank: StartedBank;
let endpoints: [DrillEndpoint, DrillEndpoint];
const seed = seedOf('drills of the local bank');

beforeAll(async () => {
  bank = await (await lab.start(null)).ready();
  endpoints = [bank.region(FIRST), bank.region(SECOND)].map(({ region, url }) => ({ region, url })) as [
    DrillEndpoint,
    DrillEndpoint,
  ];
});
afterAll(() => lab.close());

let drills = 0;

/** Holds a drill of a few seconds. */
function shortDrill(
  endpoints: readonly [DrillEndpoint, DrillEndpoint],
  seed: number,
  parts: Partial<DrillOptions> & Pick<DrillOptions, 'fault'>,
): Promise<Report> {
  drills += 1;
  return holdDrill({
    bank: 'twinbank',
    endpoints,
    options: { attemptTimeoutMs: 500, callTimeoutMs: 3000, probeIntervalMs: 200 },
    run: `test-${process.pid}-${drills}`,
    seed,
    clients: 4,
    callsPerSecond: 10,
    plan: { beforeMs: 700, faultMs: 2500, afterAtLeastMs: 500, afterAtMostMs: 10_000, verifyMs: 30_000 },
    environment: platform,
    signal: new AbortController().signal,
    watchEveryMs: 100,
    ...parts,
  });
}

/** A fault that commands of a running bank make and mend. */
function localFault(
  bank: StartedBank,
  region: string,
  { begin, end }: { readonly begin: 'kill' | 'freeze'; readonly end: 'start' | 'thaw' },
): Fault & { readonly commands: readonly string[] } {
  const commands: string[] = [];
  const say = async (command: string, state: 'up' | 'frozen' | 'down') => {
    commands.push(command);
    bank.say(`${command} ${region}`);
    await bank.reports(region, state);
  };
  return {
    name: begin,
    commands,
    start: () => say(begin, begin === 'kill' ? 'down' : 'frozen'),
    stop: () => say(end, 'up'),
    state: () => Promise.resolve({ kind: 'running' }),
  };
}

function phase(report: Report, name: 'before' | 'fault' | 'after') {
  const found = report.phases.find((each) => each.phase === name);
  if (found === undefined) {
    throw new Error(`no phase ${name}`);
  }
  return found;
}

describe('a drill', () => {
  test.each([
    { begin: 'kill', end: 'start' },
    { begin: 'freeze', end: 'thaw' },
  ] as const)('of a Region that is hit by $begin finds every promise kept', async (commands) => {
    const fault = localFault(bank, FIRST, commands);
    const report = await shortDrill(endpoints, seed, { fault });
    console.log(toText(report));

    expect(fault.commands).toEqual([commands.begin, commands.end]);
    expect(report.checks.map(({ name, broken, open }) => ({ name, broken, open }))).toEqual(
      ['I1', 'I2', 'I3', 'I4', 'I4r', 'statement'].map((name) => ({ name, broken: [], open: [] })),
    );
    for (const { checked } of report.checks) {
      expect(checked).toBeGreaterThan(0);
    }
    expect(report.unknown.unresolved).toBe(0);
    expect(report.traffic).toMatchObject({ away: 0, failovers: expect.any(Number) });
    expect(report.traffic.failovers).toBeGreaterThan(0);
    expect(report.traffic.awayForMs).toBeGreaterThan(0);
    expect(report.ok).toBe(true);
    expect(phase(report, 'before')).toMatchObject({
      failedOver: 0,
      regions: { [FIRST]: expect.any(Number) },
    });
    expect(phase(report, 'fault').regions[SECOND]).toBeGreaterThan(0);
    expect(phase(report, 'after').calls).toBeGreaterThan(0);
  });

  test('resolves what is left unknown when both Regions are away for longer than a call may take', async () => {
    const one = localFault(bank, FIRST, { begin: 'freeze', end: 'thaw' });
    const two = localFault(bank, SECOND, { begin: 'freeze', end: 'thaw' });
    const report = await shortDrill(endpoints, seed, {
      fault: {
        ...one,
        name: 'both',
        start: async (signal) => {
          await Promise.all([one.start(signal), two.start(signal)]);
        },
        stop: async () => {
          await Promise.all([one.stop(), two.stop()]);
        },
      },
      options: { attemptTimeoutMs: 300, callTimeoutMs: 800, probeIntervalMs: 200 },
    });
    console.log(toText(report));

    const { unknown, executed, refused, cancelled, unresolved } = report.unknown;
    expect(unknown).toBeGreaterThan(0);
    expect({ resolved: executed + refused + cancelled, unresolved }).toEqual({
      resolved: unknown,
      unresolved: 0,
    });
    expect(report.ok).toBe(true);
  });

  test('that is ended early stops the fault, and still verifies and reports', async () => {
    const interruption = new AbortController();
    const kill = localFault(bank, FIRST, { begin: 'kill', end: 'start' });
    const report = await shortDrill(endpoints, seed, {
      fault: {
        ...kill,
        start: async (signal) => {
          await kill.start(signal);
          interruption.abort();
        },
      },
      signal: interruption.signal,
    });

    expect(kill.commands).toEqual(['kill', 'start']);
    expect(report).toMatchObject({ interrupted: true, ok: true });
    expect(phase(report, 'before').calls).toBeGreaterThan(0);
  });

  test('does not pass when it is ended before its fault began, and reports that', async () => {
    const interruption = new AbortController();
    const kill = localFault(bank, FIRST, { begin: 'kill', end: 'start' });
    const report = await shortDrill(endpoints, seed, {
      fault: kill,
      signal: interruption.signal,
      onProgress: ({ phase: now, calls }) => {
        if (now === 'before' && calls > 10) {
          interruption.abort();
        }
      },
    });
    expect(kill.commands).toEqual([]);
    expect(report).toMatchObject({ interrupted: true, ok: false });
    expect(report.checks.every(isKept)).toBe(true);
    expect(toText(report)).toMatch(
      /^The fault: It was not started, because the drill was interrupted first\.$/m,
    );
    expect(toText(report)).toMatch(/NOT PASSED\.$/);
  });

  test('does not pass when its fault could not be begun, and says why', async () => {
    const stopped: string[] = [];
    const report = await shortDrill(endpoints, seed, {
      fault: {
        name: 'broken',
        start: () => Promise.reject(new DrillError('fault_failed', 'The fault was not started: no')),
        stop: () => {
          stopped.push('stopped');
          return Promise.resolve();
        },
        state: () => Promise.resolve({ kind: 'running' }),
      },
    });

    expect(stopped).toEqual(['stopped']);
    expect(report).toMatchObject({ ok: false, fault: { problems: ['The fault was not started: no'] } });
    expect(report.checks.every(isKept)).toBe(true);
    expect(toText(report)).toMatch(/^The fault: The fault was not started: no$/m);
    expect(toText(report)).toMatch(/NOT PASSED\.$/);
  });

  regionsTest.for<[string, Behaviour, string]>([
    ['answer', drop, 'it does not answer'],
    ['show a statement', noStatement, 'statement'],
  ])(
    'is not begun where a Region does not %s, and says which',
    async ([, behaviour, why], { east, west }) => {
      west.usually = behaviour;
      west.health = behaviour;
      const start = vi.fn(noFault.start);
      await expect(shortDrill([east, west], seed, { fault: { ...noFault, start } })).rejects.toMatchObject({
        code: 'bank_not_whole',
        message: expect.stringMatching(
          new RegExp(`^The drill did not start, because us-east-2 is not healthy: .*${why}`),
        ),
      });
      expect(start).not.toHaveBeenCalled();
    },
  );
});

/** Shows nobody a statement. */
function noStatement(exchange: Exchange): unknown {
  return (exchange.request.path.includes('/entries') ? gateway(403, 'Forbidden') : answer)(exchange);
}
