import type {
  Balance,
  Captured,
  Held,
  Moved,
  OutcomeSoFar,
  Refunded,
  StatusSet,
  Transferred,
  Voided,
} from '../answers.ts';
import { BankClient } from '../client.ts';
import type { BankEvent } from '../events.ts';
import type { CallCommand, Common } from './arguments.ts';
import { connect } from './credentials.ts';
import { describeEvent, describeMoney, describeStatus, MOVED_BEFORE, REPLAYED } from './describe.ts';
import type { CommandProcess } from './process.ts';
import { toJson } from './terminal.ts';

/** Most that the clocks of two Regions may differ: an entry has the time of one of them, and the other may have answered. */
const MAX_CLOCK_DIFFERENCE_MS = 3 * 60_000;

type Answer = Moved | Transferred | Held | Captured | Voided | Refunded | StatusSet | Balance | OutcomeSoFar;

/** Makes one call and prints its answer. */
export async function call(command: CallCommand, io: CommandProcess): Promise<void> {
  const { elapsedMs } = io.world;
  const startedMs = elapsedMs();
  const connection = await connect(command, io);
  await using client = new BankClient({
    ...connection,
    // The time that the credentials took is part of the time that the user gives the call.
    callTimeoutMs: Math.max(1, command.timeoutMs - (elapsedMs() - startedMs)),
    onEvent: (event) => printEvent(event, command, io),
  });
  const answer = await send(command, client, io.signal);
  if (command.json) {
    io.out(toJson(answer));
    return;
  }
  if ('replayed' in answer && answer.replayed) {
    const callBeganMs = bankTimeMs(client) - (elapsedMs() - startedMs) - MAX_CLOCK_DIFFERENCE_MS;
    io.err(answer.at.getTime() < callBeganMs ? MOVED_BEFORE : REPLAYED);
  }
  io.out(toText(answer));
}

/** The client mints keys by the clock of the bank, as the last answer told it, and a key carries its time. */
function bankTimeMs(client: BankClient): number {
  return Number.parseInt(client.mintKey().replaceAll('-', '').slice(0, 12), 16);
}

async function send(command: CallCommand, client: BankClient, signal: AbortSignal): Promise<Answer> {
  switch (command.kind) {
    case 'deposit':
    case 'withdraw':
      return await client[command.kind](command.account, command.amountMinor, { ...command.options, signal });
    case 'transfer':
      return await client.transfer(command.account, command.to, command.amountMinor, {
        ...command.options,
        signal,
      });
    case 'hold':
      return await client.hold(command.account, command.amountMinor, { ...command.options, signal });
    case 'capture':
    case 'void':
      return await client[command.kind](command.account, command.hold, { ...command.options, signal });
    case 'refund':
      return await client.refund(command.account, command.call, { ...command.options, signal });
    case 'status':
      return await client.setStatus(command.account, command.status, { ...command.options, signal });
    case 'balance':
      return await client.balance(command.account, { ...command.options, signal });
    case 'outcome':
    case 'cancel':
      return await client[command.kind](command.account, command.key, { signal });
  }
}

function toText(answer: Answer): string {
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

function printEvent(event: BankEvent, command: Common, io: CommandProcess): void {
  if (event.type === 'key') {
    io.err(command.json ? JSON.stringify({ event: 'key', key: event.key }) : `key ${event.key}`);
  } else {
    printAttempt(event, command, io);
  }
}

/** Prints an event of an attempt, with --verbose. */
export function printAttempt(
  event: BankEvent,
  { json, verbose }: Common,
  { err }: Pick<CommandProcess, 'err'>,
): void {
  const line = verbose ? describeEvent(event) : undefined;
  if (line !== undefined) {
    err(json ? JSON.stringify({ event: 'story', line }) : line);
  }
}
