import pMap from 'p-map';
import type { BankClient, Environment } from '../index.ts';
import { type Answer, cancel, type MoveRecord, send } from './call.ts';
import { isFinalOutcome, type Ledger } from './ledger.ts';

/** How long to try again, and how often. */
export interface Patience {
  readonly environment: Pick<Environment, 'elapsedMs' | 'setTimer'>;
  /** Time for each step: to resolve, to retry, to read. A try that has begun by then is waited for. */
  readonly forMs: number;
  readonly pauseMs: number;
  /** Calls under way at once. */
  readonly atOnce: number;
}

/** Begins the time of a step. Returns a function that tries until there is a result or the time is up. `tries` is 1 for the first. */
export function insister({ environment, forMs, pauseMs }: Patience) {
  const untilMs = environment.elapsedMs() + forMs;
  return async <T>(attempt: (tries: number) => Promise<T | undefined>): Promise<T | undefined> => {
    for (let tries = 1; environment.elapsedMs() < untilMs; tries += 1) {
      const result = await attempt(tries);
      if (result !== undefined) {
        return result;
      }
      await pause(pauseMs, environment);
    }
    return undefined;
  };
}

export function pause(timeMs: number, { setTimer }: Patience['environment']): Promise<void> {
  return new Promise((resolve) => {
    setTimer(resolve, timeMs);
  });
}

export type InDoubt = Ledger['inDoubt'][number];
/** Two ways to resolve an unknown outcome: the same call with the same key, or its cancellation. */
export type Way = 'retry' | 'cancel';

/**
 * Resolves every unknown outcome as its caller would: by some retries, then by cancelling the key. Retries alone are not enough: each may be
 * rejected while an earlier attempt is still in flight. An outcome that cannot be resolved in time stays unknown.
 */
export async function resolveInDoubt(
  ledger: Ledger,
  ask: (record: InDoubt, way: Way) => Promise<Answer>,
  patience: Patience,
  retries = 5,
): Promise<void> {
  const insist = insister(patience);
  await pMap(
    ledger.inDoubt,
    async (record) => {
      const answer = await insist(async (tries) => {
        const given = await ask(record, tries <= retries ? 'retry' : 'cancel');
        return isFinalOutcome(given.outcome) ? given : undefined;
      });
      if (answer !== undefined) {
        ledger.resolve(record, answer);
      }
    },
    { concurrency: patience.atOnce },
  );
}

/** Resolves through a client of the bank. */
export function askThrough(client: BankClient) {
  return (record: InDoubt, way: Way): Promise<Answer> =>
    way === 'cancel' ? cancel(client, record.call.account, record.key) : retry(client, record);
}

/** The same call with the same key. */
export function retry(client: BankClient, { call, key }: MoveRecord): Promise<Answer> {
  return send(client, key === undefined ? call : { ...call, key });
}
