import { describe, expect, test } from 'vitest';
import { BankClient, OutcomeUnknownError, RefusedError, UnavailableError } from '../../client/index.ts';
import {
  answer,
  type Behaviour,
  drop,
  executeAndHang,
  gateway,
  hang,
  hangAfterHeaders,
  loseReply,
  refuse,
  reset,
  truncate,
} from '../support/behaviours.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';

const TRIALS = 60;
const LANES = 3;
const CALLS_PER_LANE = 6;
const ATTEMPT_TIMEOUT_MS = 200;

type Chance = () => number;
type Ending = 'answered' | 'refused' | 'unavailable' | 'outcome_unknown';

/**
 * One caller with its own client and its own random numbers: a seed gives each lane the same faults, however the requests of several lanes
 * interleave.
 */
interface Lane {
  readonly chance: Chance;
  readonly client: BankClient;
  /** Keys of the call under way: more than one if the client minted a new key for it. */
  keys: string[];
}

/** A call that has ended. `balance` is the balance in its answer. */
interface Ended {
  readonly account: string;
  readonly keys: readonly string[];
  readonly ending: Ending;
  readonly balance: bigint | undefined;
}

describe('with requests and replies lost at random', () => {
  test('what a client says of a call agrees with the books, and an unknown outcome can be resolved with its key', async () => {
    const chance = chanceFrom(seedOf('lost replies'));
    const counts: Record<Ending, number> = { answered: 0, refused: 0, unavailable: 0, outcome_unknown: 0 };
    await using regions = await startTwoRegions();
    // A Region that always works, for callers without an answer.
    await using calm = await ScriptedEndpoint.start({ region: 'calm', bank: regions.bank });
    await using settler = new BankClient({ endpoints: [calm.url] });

    for (let trial = 0; trial < TRIALS; trial += 1) {
      const account = `account-${trial}`;
      const { lanes, deliverLate } = openLanes(regions, chance);
      const ended = await Promise.all(lanes.map((lane) => callAtRandom(lane, account, settler, deliverLate)));
      // A request that was in flight all the time arrives at last. It must not change any answer.
      deliverLate();

      for (const call of ended.flat()) {
        counts[call.ending] += 1;
        checkAgainstBooks(regions, call);
      }
      const executions = regions.bank.executions.filter((execution) => execution.account === account);
      const sum = executions.reduce((total, { amountMinor }) => total + amountMinor, 0n);
      expect(regions.bank.balanceOf(account)).toBe(sum);
      await Promise.all(lanes.map(({ client }) => client.close()));
    }

    console.log(`lost replies: ${JSON.stringify(counts)}`);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
  });
});

/** Makes a client for each lane. Both Regions treat its requests at random, in every way that a Region can. */
function openLanes(
  regions: TwoRegions,
  chance: Chance,
): { readonly lanes: readonly Lane[]; readonly deliverLate: () => void } {
  const late: (() => void)[] = [];
  const laneOfKey = new Map<string, Lane>();
  const lanes = Array.from({ length: LANES }, (): Lane => {
    const hedged = chance() < 0.3;
    const lane: Lane = {
      chance: chanceFrom(Math.floor(chance() * 2 ** 31)),
      keys: [],
      client: regions.client({
        attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
        maxAttempts: 1 + Math.floor(chance() * 4),
        ...(hedged ? { hedgeAfterMs: ATTEMPT_TIMEOUT_MS / 4 } : {}),
        onEvent: (event) => {
          if (event.type === 'key') {
            lane.keys.push(event.key);
            laneOfKey.set(event.key, lane);
          }
        },
      }),
    };
    return lane;
  });

  const executeLate: Behaviour = ({ request, bank }) => {
    late.push(() => bank.handle(request));
  };
  /** No answer will come, so time passes in small steps: first a hedge is due, then the attempt times out. */
  const slow =
    (behaviour: Behaviour): Behaviour =>
    (exchange) => {
      behaviour(exchange);
      const tick = () => {
        if (!exchange.response.destroyed) {
          regions.time.advance(ATTEMPT_TIMEOUT_MS / 8);
          setTimeout(tick, 2);
        }
      };
      tick();
    };
  const harmless: readonly Behaviour[] = [
    gateway(429, 'Too Many Requests'),
    refuse('unavailable', { executed: false }),
  ];
  const all: readonly Behaviour[] = [
    ...harmless,
    drop,
    reset,
    loseReply,
    truncate,
    slow(hang),
    slow(executeAndHang),
    slow(executeLate),
    slow(hangAfterHeaders),
    gateway(500, 'Internal Server Error'),
    refuse('unavailable'),
    refuse('bad_request'),
    refuse('key_in_future'),
  ];
  // A call is unavailable only if every one of its attempts certainly moved nothing, so this trial has no other faults.
  const faults = chance() < 0.3 ? harmless : all;
  const atRandom: Behaviour = (exchange) => {
    const laneChance = laneOfKey.get(exchange.request.key ?? '')?.chance ?? chance;
    const fault = faults[Math.floor(laneChance() * faults.length)];
    (laneChance() < 0.4 || fault === undefined ? answer : fault)(exchange);
  };
  regions.east.usually = atRandom;
  regions.west.usually = atRandom;
  return {
    lanes,
    deliverLate: () => {
      for (const execute of late.splice(0)) {
        execute();
      }
    },
  };
}

async function callAtRandom(
  lane: Lane,
  account: string,
  settler: BankClient,
  deliverLate: () => void,
): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (let calls = 0; calls < CALLS_PER_LANE; calls += 1) {
    const move = lane.chance() < 0.6 ? 'deposit' : 'withdraw';
    const amount = BigInt(1 + Math.floor(lane.chance() * 50));
    lane.keys = [];
    const first = await endingOf(lane.client[move](account, amount));
    const { keys } = lane;
    if (lane.chance() < 0.5) {
      deliverLate();
    }
    if (first.ending === 'outcome_unknown') {
      ended.push({ account, keys, ...first });
      const key = keys.at(-1) ?? '';
      const settled = await endingOf(settler[move](account, amount, { key }));
      expect(['answered', 'refused']).toContain(settled.ending);
      ended.push({ account, keys, ...settled });
    } else {
      ended.push({ account, keys, ...first });
    }
  }
  return ended;
}

async function endingOf(
  call: Promise<{ readonly balance: bigint }>,
): Promise<{ readonly ending: Ending; readonly balance: bigint | undefined }> {
  try {
    return { ending: 'answered', balance: (await call).balance };
  } catch (error) {
    if (error instanceof RefusedError) {
      return { ending: 'refused', balance: undefined };
    }
    if (error instanceof UnavailableError || error instanceof OutcomeUnknownError) {
      return { ending: error.code, balance: undefined };
    }
    throw error;
  }
}

function checkAgainstBooks({ bank }: TwoRegions, { keys, ending, balance }: Ended): void {
  const executions = keys.flatMap((key) => bank.executionsOf(key));
  switch (ending) {
    case 'answered':
      expect(executions).toHaveLength(1);
      expect(executions[0]).toMatchObject({ key: keys.at(-1), balanceMinor: balance });
      return;
    case 'refused':
    case 'unavailable':
      expect(executions).toEqual([]);
      return;
    case 'outcome_unknown':
      expect(executions.length).toBeLessThanOrEqual(1);
  }
}
