import { BankClient } from '../client.ts';
import type { CallCommand } from './arguments.ts';
import { attemptPrinter } from './attempts.ts';
import { connect } from './credentials.ts';
import { describeMoney, describeReplay, describeStatus, REPLAYED } from './describe.ts';
import { rememberCall } from './last.ts';
import type { CommandProcess } from './process.ts';
import { toJson } from './terminal.ts';

/** Most that the clocks of two Regions may differ: an entry has the time of one of them, and the other may have answered. */
const MAX_CLOCK_DIFFERENCE_MS = 3 * 60_000;
/** Most that the time of a Region differs from what the client knows of it, by the whole seconds of its answers. */
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
    // The time that the credentials took is part of the time that the user gives the call.
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
    // A copy of this very call would have been executed in the Region that answered, unless an attempt elsewhere was lost.
    const doubtMs = mayHaveMoved ? MAX_CLOCK_DIFFERENCE_MS : CLOCK_PRECISION_MS;
    const movedNothing = ageMs > elapsedMs() - startedMs + doubtMs;
    // An attempt of this command may have moved the money: then the age of the entry says nothing.
    const isOld = movedNothing || !mayHaveMoved;
    io.err(
      isOld
        ? describeReplay(ageMs, movedNothing, await balanceOf(client, command.account, io.signal))
        : REPLAYED,
    );
  }
}

/** The balance of now, or undefined when it cannot be read: what was asked for is answered all the same. */
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

/** The time in a key that the client mints: it mints by the bank's time, which it has from the last answer. */
function bankTimeMs(client: BankClient): number {
  return Number.parseInt(client.mintKey().replaceAll('-', '').slice(0, 12), 16);
}

function toText(answer: Awaited<ReturnType<CallCommand['send']>>): string {
  if (!('outcome' in answer)) {
    // The money is on a line of its own, for scripts that read the first one.
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
