import { BankClient } from '../client.ts';
import type { CallCommand } from './arguments.ts';
import { attemptPrinter } from './attempts.ts';
import { connect } from './credentials.ts';
import { describeMoney, describeReplay, describeStatus, REPLAYED } from './describe.ts';
import { rememberCall } from './last.ts';
import type { CommandProcess } from './process.ts';
import { toJson } from './terminal.ts';

/** Most that the clocks of two Regions may differ. One wrote the time of the entry, and the other one may have answered. */
const MAX_CLOCK_DIFFERENCE_MS = 3 * 60_000;
/** Most that the client's estimate of a Region's clock may be wrong: the `Date` of an answer has whole seconds. */
const CLOCK_PRECISION_MS = 3_000;

/** Makes one call and prints its answer. */
export async function call(command: CallCommand, io: CommandProcess): Promise<void> {
  const { elapsedMs } = io.world;
  const startedMs = elapsedMs();
  const connection = await connect(command, io);
  const printAttempt = attemptPrinter(command, io);
  let mayHaveMoved = false;
  await using client = new BankClient({
    ...connection,
    // --timeout-ms includes the time for the credentials.
    callTimeoutMs: Math.max(1, command.timeoutMs - (elapsedMs() - startedMs)),
    onEvent: (event) => {
      if (event.type === 'key') {
        rememberCall(command, event.key, io);
        io.err(command.json ? JSON.stringify({ event: 'key', key: event.key }) : `key ${event.key}`);
      }
      mayHaveMoved ||= event.type === 'attempt_failed' && event.executed === 'unknown';
      printAttempt(event);
    },
  });
  const answer = await command.send(client, io.signal);
  if (command.json) {
    io.out(toJson(answer));
    return;
  }
  io.out(toText(answer));
  if ('replayed' in answer && answer.replayed) {
    const ageMs = bankTimeMs(client) - answer.at.getTime();
    // Only if an attempt of this command got no answer, another Region may have executed it, with the time of another clock.
    const toleranceMs = mayHaveMoved ? MAX_CLOCK_DIFFERENCE_MS : CLOCK_PRECISION_MS;
    const movedNothing = ageMs > elapsedMs() - startedMs + toleranceMs;
    // If an attempt of this command may have moved the money, the age of the entry says nothing.
    const isOld = movedNothing || !mayHaveMoved;
    io.err(
      isOld
        ? describeReplay(ageMs, movedNothing, await balanceOf(client, command.account, io.signal))
        : REPLAYED,
    );
  }
}

/** The current balance, or undefined if it cannot be read: the call has been answered anyway. */
async function balanceOf(
  client: BankClient,
  account: string,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  try {
    return (await client.balance(account, { signal })).balance;
  } catch {
    return undefined;
  }
}

/** The bank's time, as the client knows it from the last answer. It is in every key that the client mints. */
function bankTimeMs(client: BankClient): number {
  return Number.parseInt(client.mintKey().replaceAll('-', '').slice(0, 12), 16);
}

function toText(answer: Awaited<ReturnType<CallCommand['send']>>): string {
  if (!('outcome' in answer)) {
    // The first line has only the money, for scripts.
    return [describeMoney(answer), describeStatus(answer)].filter((line) => line !== '').join('\n');
  }
  switch (answer.outcome) {
    case 'executed':
      return `executed ${answer.balance}${answer.refunded === undefined ? '' : ` (${answer.refunded} refunded)`}`;
    case 'refused':
      return `refused ${answer.code}`;
    case 'cancelled':
    case 'pending':
    case 'none':
      return answer.outcome;
  }
}
