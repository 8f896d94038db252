import { ended } from '../../../infra/local/process.ts';
import { isBusinessWrite } from './business-write.ts';
import type { CallerInput } from './caller.ts';
import { DeathsError } from './errors.ts';
import { Relay } from './relay.ts';
import { startCaller } from './start-caller.ts';

/** Longest that a process is waited for until it dies. */
const LIFE_LIMIT_MS = 30_000;

/**
 * Has a process make a deposit, and kills it when DynamoDB has answered the write that moves the money, instead of bringing
 * it the answer. Nothing that it sends after that write reaches DynamoDB.
 */
export async function dieAfterWrite(input: CallerInput, signal: AbortSignal): Promise<void> {
  const death = new AbortController();
  let statusOfWrite: number | undefined;
  await using relay = await Relay.start({
    target: input.endpoint,
    isLast: (request) => isBusinessWrite(input.contender, input.tables, request),
    onLastAnswered: (status) => {
      statusOfWrite = status;
      death.abort();
    },
  });
  const killing = AbortSignal.any([signal, death.signal, AbortSignal.timeout(LIFE_LIMIT_MS)]);
  await ended(startCaller({ ...input, endpoint: relay.url }, killing));
  signal.throwIfAborted();
  if (statusOfWrite !== 200) {
    throw new DeathsError(
      'did_not_die',
      `The process of ${input.contender} ended, and its write had been answered ${statusOfWrite ?? 'nothing'}.`,
    );
  }
}
