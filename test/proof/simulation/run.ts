import { createHash } from 'node:crypto';
import type { Entry } from '../../../functions/bank/entry.ts';
import type { Mix } from '../calls.ts';
import { Chance } from '../chance.ts';
import { checkHistory } from '../history/check.ts';
import { formatEvent, type HistoryEvent } from '../history/event.ts';
import { drawAccounts } from './accounts.ts';
import { CALL_TIMEOUT_MS, Caller, type Shared } from './caller.ts';
import { type FaultKind, Faults, REGIONS } from './faults.ts';
import { sumOf } from './money.ts';
import { type NetworkOptions, simulatedFetch } from './network.ts';
import { Region, Schedule } from './region.ts';
import { compareBytes, compareWithBook } from './replies.ts';
import { Rollout } from './rollout.ts';
import { Tables, type Violation } from './tables.ts';
import { VirtualTime } from './time.ts';

/** The result of a run. */
export interface Run {
  readonly seed: number;
  readonly calls: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Calls by how they ended: `ok`, `unknown`, or the code of a refusal. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Entries of all books by their kind, an executed call's by its operation. */
  readonly entries: Readonly<Record<string, number>>;
  /** Keys with which transfers were asked for. */
  readonly transfers: number;
  /** Writes of several calls at once. */
  readonly batches: number;
  /** What all accounts have in the end, and what they should: deposits less what left the bank (I10). */
  readonly sumMinor: bigint;
  readonly expectedMinor: bigint;
  readonly violations: readonly Violation[];
  readonly history: readonly HistoryEvent[];
  /** The same for the same seed, on every machine. */
  readonly digest: string;
}

/** The day on which every run begins. */
const START_MS = Date.UTC(2026, 0, 5);

/** What clocks of Regions are off by, at most. */
const MAX_CLOCK_ERROR_MS = 2 * 60_000;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long a pause is between two periods of a run: keys become old in some, and expire in others. */
const PAUSES_MS = [1_000, 20 * MINUTE_MS, 20 * MINUTE_MS, 26 * 60 * MINUTE_MS, 32 * DAY_MS] as const;

/** Calls of one caller in one period, at most. */
const MAX_CALLS: Readonly<Record<Mix, number>> = { all: 60, transfers: 250 };

/** Tries to resolve one call once everything is whole, an hour apart at most. */
const RESOLVE_TRIES = 12;

/** What a call may take beyond its deadline: the hop to the next event. */
const SLACK_MS = 1;

/** Plays one run from its seed: callers, faults, pauses, repair, and the final account. */
export async function simulate(seed: number, mix: Mix = 'all'): Promise<Run> {
  const chance = new Chance(seed);
  const time = new VirtualTime();
  // Clocks count whole milliseconds.
  const nowMs = () => START_MS + Math.floor(time.nowMs);
  const faults = new Faults(time, chance.fork());
  const tables = new Tables(nowMs);
  const violations = tables.violations;
  const rollout = new Rollout(chance.happens(0.4) ? [chance.pick(REGIONS)] : REGIONS);
  const parts = { tables, time, faults, nowMs, rollout };
  const regions = new Map(
    REGIONS.map((name) => {
      const clockErrorMs = chance.whole(-MAX_CLOCK_ERROR_MS, MAX_CLOCK_ERROR_MS);
      return [name, new Region({ ...parts, name, chance: chance.fork(), clockErrorMs })];
    }),
  );
  const onDefect = (error: unknown) => violations.push({ invariant: 'liveness', message: String(error) });
  const schedules = [...regions.values()].map(
    (region) => new Schedule(region, { tables, time, onDefect, offsetMs: chance.whole(0, MINUTE_MS - 1) }),
  );
  tables.onDue = () => {
    for (const schedule of schedules) {
      schedule.wake();
    }
  };
  const bytes = new Map<string, string>();
  const network: NetworkOptions = {
    ...parts,
    regions,
    chance: chance.fork(),
    onAnswer: (request, answer) => compareBytes(bytes, request, answer, violations),
  };
  const shared: Shared = {
    time,
    nowMs,
    fetch: {
      once: simulatedFetch(network, { sendsOnce: true }),
      repeating: simulatedFetch(network, { sendsOnce: false }),
    },
    accounts: drawAccounts(chance, mix),
    history: [],
    replies: [],
    holds: new Map(),
    books: tables.appended,
    open: new Map(),
    onEnd: (durationMs) => {
      if (durationMs > CALL_TIMEOUT_MS + SLACK_MS) {
        violations.push({ invariant: 'liveness', message: `a call took ${durationMs} ms` });
      }
    },
  };

  let callers = 0;
  const newCaller = () => {
    callers += 1;
    const clockErrorMs = chance.happens(0.3) ? chance.whole(-HOUR_MS, HOUR_MS) : chance.whole(-5_000, 5_000);
    return new Caller(`caller-${callers}`, shared, chance.fork(), { clockErrorMs });
  };

  const periods = chance.whole(1, 4);
  for (let period = 0; period < periods; period += 1) {
    const durationMs = chance.spread(2_000, 120_000);
    faults.plan(durationMs);
    await playPeriod({ chance, time, newCaller, durationMs, maxCalls: MAX_CALLS[mix] });
    tables.expire(chance.next);
    await pass(time, chance.pick(PAUSES_MS));
  }

  faults.heal();
  rollout.finish(REGIONS);
  tables.healedMs = nowMs();
  // Callers retry nothing now: the sweep has to complete what is left.
  await pass(time, 3 * MINUTE_MS);
  await resolveAll(shared, newCaller(), violations);
  await pass(time, HOUR_MS);
  await tables.audit();
  tables.checkNothingIsLeft(MAX_CLOCK_ERROR_MS + 2 * MINUTE_MS);
  compareWithBook(shared, tables);
  const verdict = checkHistory(shared.history);
  for (const { account, verdict: said, finding } of verdict.accounts) {
    if (said !== 'linearizable' && said !== 'left_out') {
      violations.push({ invariant: 'I5', message: `${account}: ${finding}` });
    }
  }
  return reportOf(seed, shared.history, faults, tables);
}

interface Period {
  readonly chance: Chance;
  readonly time: VirtualTime;
  readonly newCaller: () => Caller;
  readonly durationMs: number;
  readonly maxCalls: number;
}

/** Several callers at once, some of which die, each in the midst of something or not. */
async function playPeriod({ chance, time, newCaller, durationMs, maxCalls }: Period): Promise<void> {
  const processes = chance.whole(1, 6);
  let done = 0;
  for (let number = 0; number < processes; number += 1) {
    const caller = newCaller();
    const things = chance.whole(5, maxCalls);
    const pauseMs = [1, Math.max(2, durationMs / things)] as const;
    let isOver = false;
    const over = () => {
      if (!isOver) {
        done += 1;
      }
      isOver = true;
    };
    if (chance.happens(0.25)) {
      time.after(chance.next() * durationMs, () => {
        caller.die();
        over();
      });
    }
    void caller.run(things, pauseMs).then(over);
  }
  await time.runUntil(() => done === processes);
}

/** Lets time pass, with everything that is still on its way. */
async function pass(time: VirtualTime, durationMs: number): Promise<void> {
  let over = false;
  time.after(durationMs, () => {
    over = true;
  });
  await time.runUntil(() => over);
}

/** Once everything is whole, every unknown outcome can be resolved, by asking again or by cancelling. */
async function resolveAll(shared: Shared, resolver: Caller, violations: Violation[]): Promise<void> {
  let done = false;
  const work = async () => {
    for (const call of [...shared.open.values()]) {
      for (let tries = 0; tries < RESOLVE_TRIES && shared.open.has(call.key); tries += 1) {
        // A key of a clock that is ahead has to wait until it is of the present.
        if (tries > 0) {
          await shared.time.wait(10 * MINUTE_MS);
        }
        await resolver.resolve(call);
      }
      if (shared.open.has(call.key)) {
        violations.push({
          invariant: 'liveness',
          message: `${call.account}: ${call.key} could not be resolved`,
        });
      }
    }
    done = true;
  };
  void work();
  await shared.time.runUntil(() => done);
  if (!done) {
    violations.push({ invariant: 'liveness', message: 'a call never ended' });
  }
}

function reportOf(
  seed: number,
  history: readonly HistoryEvent[],
  faults: Faults,
  { appended, violations, money, model, batches }: Tables,
): Run {
  const digest = createHash('sha256');
  for (const event of history) {
    digest.update(formatEvent(event));
  }
  const ends = history.filter(({ type }) => type !== 'invoke');
  const outcomes = countsOf(ends.map(({ type, code }) => code ?? type));
  return {
    seed,
    calls: history.filter(({ type }) => type === 'invoke').length,
    faults: Object.fromEntries(faults.struck),
    outcomes,
    entries: countsOf([...appended.values()].flat().map(kindOf)),
    transfers: new Set(history.flatMap(({ operation, key }) => (operation === 'transfer' && key) || [])).size,
    batches,
    sumMinor: sumOf(model.heads),
    expectedMinor: money.insideMinor,
    violations,
    history,
    digest: digest.digest('hex').slice(0, 16),
  };
}

function kindOf({ body }: Entry): string {
  return body.kind === 'executed' ? body.asked.operation : body.kind;
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) {
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
