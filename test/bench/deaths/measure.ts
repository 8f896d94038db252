import { randomUUID } from 'node:crypto';
import { newKey } from '../../support/keys.ts';
import { CONTENDER_NAMES, CONTENDERS, type ContenderName } from '../contenders/contender.ts';
import type { BenchTables } from '../contenders/tables.ts';
import type { CallerInput } from './caller.ts';
import { dieAfterWrite } from './die.ts';
import { DeathsError } from './errors.ts';
import type { Death, DeathsResult } from './result.ts';
import { retryUntilAnswered } from './retry.ts';

const AMOUNT_MINOR = 10;

/**
 * For each contender: one process makes a deposit and dies between its write and the answer, and another one retries with
 * the same key.
 */
export async function measureDeaths(
  endpoint: string,
  tables: BenchTables,
  onProgress: (says: string) => void,
  signal: AbortSignal,
): Promise<DeathsResult> {
  const deaths: Death[] = [];
  for (const contender of CONTENDER_NAMES) {
    onProgress(`deaths, ${CONTENDERS[contender].title}`);
    deaths.push(
      await measureDeath(
        {
          contender,
          endpoint,
          tables,
          account: `death-${randomUUID()}`,
          key: newKey(),
          amountMinor: AMOUNT_MINOR,
        },
        signal,
      ),
    );
  }
  return deaths;
}

async function measureDeath(input: CallerInput, signal: AbortSignal): Promise<Death> {
  await dieAfterWrite(input, signal);
  const { balanceMinor, stuckMs, firstSays, lastSays } = await retryUntilAnswered(input, signal);
  return {
    contender: input.contender,
    balanceMinor,
    executed: timesExecuted(input.contender, balanceMinor),
    stuckMs,
    retrySays: firstSays,
    lastRetrySays: lastSays,
  };
}

function timesExecuted(contender: ContenderName, balanceMinor: number): Death['executed'] {
  if (balanceMinor === AMOUNT_MINOR) return 'once';
  if (balanceMinor === 2 * AMOUNT_MINOR) return 'twice';
  throw new DeathsError('wrong_balance', `The balance of ${contender} is ${balanceMinor} after one deposit.`);
}
