import { BankClient } from '../../client.ts';
import { OutcomeUnknownError, RefusedError, UnavailableError } from '../../errors.ts';
import type { BankClientOptions } from '../../options.ts';
import { chanceOf, type HammerCall, nextCall, type Plan } from './plan.ts';
import type { Ending, Tally } from './tally.ts';

/** What the clients of a hammering share. */
export interface Load {
  readonly plan: Plan;
  readonly options: BankClientOptions;
  readonly tally: Tally;
  readonly elapsedMs: () => number;
  /** No call begins after it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Has clients call, each as soon as its last call has ended, until the signal is aborted. Calls that are under way by then
 * are waited for, so that fewer outcomes are unknown.
 */
export async function callUntilAborted(clients: number, load: Load): Promise<void> {
  const ended = await Promise.allSettled(
    Array.from({ length: clients }, (_, index) => callOn(index + 1, load)),
  );
  const broken = ended.find(({ status }) => status === 'rejected');
  if (broken?.status === 'rejected') {
    throw broken.reason;
  }
}

async function callOn(number: number, { plan, options, tally, elapsedMs, signal }: Load): Promise<void> {
  const chance = chanceOf(plan.seed, number);
  // A client of its own: each finds out by itself that a Region has failed, as those of different programs do.
  await using client = new BankClient(options);
  while (!signal.aborted) {
    const call = nextCall(plan.accounts, chance);
    const startedMs = elapsedMs();
    tally.enter(call, await endingOf(client, call), elapsedMs() - startedMs);
  }
}

/** Whatever may come of a call is an ending; anything else is a fault of the hammer's own, and is thrown. */
async function endingOf(client: BankClient, call: HammerCall): Promise<Ending> {
  try {
    const { region } =
      call.kind === 'balance'
        ? await client.balance(call.account)
        : await client[call.kind](call.account, call.amountMinor);
    return { kind: 'answered', region };
  } catch (error) {
    if (error instanceof RefusedError) {
      return { kind: 'refused', code: error.code, region: error.region };
    }
    if (error instanceof UnavailableError) {
      return { kind: 'unavailable' };
    }
    if (error instanceof OutcomeUnknownError) {
      return { kind: 'unknown', key: error.key };
    }
    throw error;
  }
}
