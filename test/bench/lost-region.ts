import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOf } from '../../client/contract/schemas.ts';
import { BankClient, type BankClientOptions } from '../../client/index.ts';
import { within } from '../../functions/dynamodb/within.ts';
import { LocalBank } from '../../infra/local/bank.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import type { Question, Site, Table } from './question.ts';
import { quantile, spreadOf } from './statistics.ts';

interface LostRegionPlan {
  readonly trials: number;
  /** Calls after the first one, while the Region is lost. */
  readonly laterCalls: number;
}

/** Many times a healthy call, so that hardly any is sent twice. */
const HEDGE_AFTER_MS = 150;

const CALLERS: Readonly<Record<string, Partial<BankClientOptions>>> = {
  'the client': {},
  [`the client, hedgeAfterMs: ${HEDGE_AFTER_MS}`]: { hedgeAfterMs: HEDGE_AFTER_MS },
};
const FAULTS = ['killed', 'frozen'] as const;

const WARM_UP_CALLS = 50;
const HEALTHY_CALLS = 20;
const HEALTH_TIMEOUT_MS = 200;
const PATIENCE_MS = 30_000;

interface Trial {
  readonly healthyMs: number;
  readonly firstMs: number;
  readonly laterMs: number;
}

export const lostRegion: Question<LostRegionPlan> = {
  title: 'The first answer after a lost Region',
  note:
    'The preferred of two Regions, each a process on this machine, is killed (SIGKILL: its port refuses connections) or frozen ' +
    '(SIGSTOP: connections are accepted and nobody answers). Beyond healthy is what a call took more than the median call ' +
    'right before. Each account is checked afterwards. Median (p25..p75) of the trials.',
  plans: { quick: { trials: 1, laterCalls: 5 }, full: { trials: 10, laterCalls: 20 } },
  measure: async (plan, site) => [await measureAll(plan, site)],
};

async function measureAll(plan: LostRegionPlan, { onProgress, signal }: Site): Promise<Table> {
  onProgress('starting a bank');
  const bank = await LocalBank.start({ dataFolder: null, ports: await freePorts(), signal });
  try {
    const settings = FAULTS.flatMap((fault) =>
      Object.entries(CALLERS).map(([caller, options]) => ({ fault, caller, options, trials: [] as Trial[] })),
    );
    for (let trial = 1; trial <= plan.trials; trial += 1) {
      for (const { fault, caller, options, trials } of settings) {
        onProgress(`trial ${trial} of ${plan.trials}, ${fault}, ${caller}`);
        trials.push(await holdTrial(bank, fault, options, plan, signal));
      }
    }
    const rows = settings.map(({ fault, caller, trials }) => ({
      region: fault,
      caller,
      healthyMs: spreadOf(trials.map(({ healthyMs }) => healthyMs)),
      firstAnswerMs: spreadOf(trials.map(({ firstMs }) => firstMs)),
      beyondHealthyMs: spreadOf(trials.map(({ firstMs, healthyMs }) => firstMs - healthyMs)),
      laterBeyondHealthyMs: spreadOf(trials.map(({ laterMs, healthyMs }) => laterMs - healthyMs)),
    }));
    return { title: 'A deposit while the preferred Region is lost', rows };
  } finally {
    await bank.stop();
  }
}

async function holdTrial(
  bank: LocalBank,
  fault: (typeof FAULTS)[number],
  options: Partial<BankClientOptions>,
  { laterCalls }: LostRegionPlan,
  signal: AbortSignal,
): Promise<Trial> {
  const [preferred = '', other = ''] = bank.status().map(({ url }) => url);
  const [region = ''] = bank.regions;
  await warmUp([preferred, other], signal);
  await using client = new BankClient({ endpoints: [preferred, other], ...options });
  const account = `lost-region-${randomUUID()}`;
  let calls = 0;
  const deposit = async () => {
    calls += 1;
    const sentMs = performance.now();
    const { region: answeredBy } = await client.deposit(account, 1n, { signal });
    return { answeredBy, durationMs: performance.now() - sentMs };
  };
  const depositTimes = async (count: number) => {
    const times: number[] = [];
    for (let call = 0; call < count; call += 1) {
      times.push((await deposit()).durationMs);
    }
    return times;
  };
  await depositTimes(HEALTHY_CALLS);
  const healthyMs = quantile(await depositTimes(HEALTHY_CALLS), 0.5);
  // On a busy machine a hedged client may have gone to the other Region, and would not notice the fault.
  await until(async () => (await deposit()).answeredBy === region, signal);

  try {
    if (fault === 'killed') {
      await bank.kill(region);
    } else {
      bank.freeze(region);
    }
    await until(async () => !(await isHealthy(preferred)), signal);
    const firstMs = (await deposit()).durationMs;
    const laterMs = quantile(await depositTimes(laterCalls), 0.5);
    const { balance } = await client.balance(account, { signal });
    if (balance !== BigInt(calls)) {
      throw new Error(`${calls} deposits of 1 were answered, and ${account} has a balance of ${balance}`);
    }
    return { healthyMs, firstMs, laterMs };
  } finally {
    if (fault === 'killed') {
      await bank.start(region);
    } else {
      bank.thaw(region);
    }
    await until(() => isHealthy(preferred), signal);
  }
}

/** A Region that was just started is slow at first, and a client that hedges would leave it. */
async function warmUp(urls: readonly string[], signal: AbortSignal): Promise<void> {
  for (const url of urls) {
    await using client = new BankClient({ endpoints: [url] });
    for (let call = 0; call < WARM_UP_CALLS; call += 1) {
      await client.deposit('warm-up', 1n, { signal });
    }
  }
}

async function until(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  await within(PATIENCE_MS, signal, async (signal) => {
    while (!(await condition())) {
      await sleep(10, undefined, { signal });
    }
  });
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
    return (await fetch(url + pathOf('health'), { headers: { connection: 'close' }, signal })).ok;
  } catch {
    // Refused, reset or silent.
    return false;
  }
}
