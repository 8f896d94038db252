import type { Balance, Moved, OutcomeSoFar } from '../answers.ts';
import { BankClient } from '../client.ts';
import type { BankEvent } from '../events.ts';
import type { CallCommand, Common } from './arguments.ts';
import { connect } from './connect.ts';
import { toJson } from './json.ts';
import type { CommandProcess } from './process.ts';
import { MOVED_BEFORE, REPLAYED, tell } from './story.ts';

/** How far the clocks of two Regions may be apart: the entry has the time of one of them, and the other may have answered. */
const CLOCKS_APART_MS = 3 * 60_000;

type Answer = Moved | Balance | OutcomeSoFar;

/** Makes one call and prints its answer. */
export async function call(command: CallCommand, io: CommandProcess): Promise<void> {
  const { answer, beganMs } = await ask(command, io);
  if (!command.json && 'replayed' in answer && answer.replayed) {
    io.err(answer.at.getTime() < beganMs ? MOVED_BEFORE : REPLAYED);
  }
  io.out(command.json ? toJson(answer) : toText(answer));
}

/** Also tells when the call began, by the bank's clock. */
async function ask(
  command: CallCommand,
  io: CommandProcess,
): Promise<{ readonly answer: Answer; readonly beganMs: number }> {
  const { signal, world } = io;
  const startedMs = world.elapsedMs();
  const connection = await connect(command, io);
  await using client = new BankClient({
    ...connection,
    // The time that the credentials took is part of the time that the user gives the call.
    callTimeoutMs: Math.max(1, command.timeoutMs - (world.elapsedMs() - startedMs)),
    onEvent: (event) => report(event, command, io),
  });
  const answer = await send(command, client, signal);
  return { answer, beganMs: bankTimeMs(client) - (world.elapsedMs() - startedMs) - CLOCKS_APART_MS };
}

/** The clock that the client mints keys by is the bank's, as the last answer told it, and a key carries its time. */
function bankTimeMs(client: BankClient): number {
  return Number.parseInt(client.mintKey().replaceAll('-', '').slice(0, 12), 16);
}

async function send(command: CallCommand, client: BankClient, signal: AbortSignal): Promise<Answer> {
  switch (command.kind) {
    case 'deposit':
    case 'withdraw':
      return await client[command.kind](command.account, command.amountMinor, { ...command.options, signal });
    case 'balance':
      return await client.balance(command.account, { ...command.options, signal });
    case 'outcome':
    case 'cancel':
      return await client[command.kind](command.account, command.key, { signal });
  }
}

function toText(answer: Answer): string {
  if (!('outcome' in answer)) {
    return String(answer.balance);
  }
  switch (answer.outcome) {
    case 'executed':
      return `executed ${answer.balance}`;
    case 'refused':
      return `refused ${answer.code}`;
    case 'cancelled':
    case 'none':
      return answer.outcome;
  }
}

function report(event: BankEvent, command: Common, io: CommandProcess): void {
  if (event.type === 'key') {
    io.err(command.json ? JSON.stringify({ event: 'key', key: event.key }) : `key ${event.key}`);
  } else {
    reportStory(event, command, io);
  }
}

/** Tells an event as a line of the story, when the story is wanted. */
export function reportStory(
  event: BankEvent,
  { json, verbose }: Common,
  { err }: Pick<CommandProcess, 'err'>,
): void {
  const line = verbose ? tell(event) : undefined;
  if (line !== undefined) {
    err(json ? JSON.stringify({ event: 'story', line }) : line);
  }
}
