import { on } from 'node:events';
import { ended } from '../../../infra/local/process.ts';
import type { CallerInput, CallerMessage } from './caller.ts';
import { DeathsError } from './errors.ts';
import { startCaller } from './start-caller.ts';

/** What the retries of a deposit were told. */
export interface Retried {
  readonly balanceMinor: number;
  /** From before the process was started until a retry was answered, in milliseconds; null where the first one was. */
  readonly stuckMs: number | null;
  readonly firstSays: string;
  readonly lastSays: string;
}

/** Longest that retries go on. An execution that Powertools takes to be in progress expires after the function's time-out. */
const RETRY_LIMIT_MS = 60_000;

/** Has another process make the same deposit with the same key until it is answered. */
export async function retryUntilAnswered(input: CallerInput, signal: AbortSignal): Promise<Retried> {
  const startedMs = performance.now();
  const limited = AbortSignal.any([signal, AbortSignal.timeout(RETRY_LIMIT_MS)]);
  const caller = startCaller(input, limited);
  const said: string[] = [];
  try {
    for await (const [message] of on(caller, 'message', { close: ['exit'] })) {
      const told = message as CallerMessage;
      said.push(told.says);
      if (told.kind === 'turned_away') continue;
      return {
        balanceMinor: told.balanceMinor,
        stuckMs: said.length === 1 ? null : performance.now() - startedMs,
        firstSays: said[0] ?? told.says,
        lastSays: told.says,
      };
    }
  } finally {
    caller.kill('SIGKILL');
    await ended(caller);
  }
  signal.throwIfAborted();
  throw new DeathsError(
    'never_answered',
    `No retry of ${input.contender} was answered, the last one was told: ${said.at(-1) ?? 'nothing'}.`,
  );
}
