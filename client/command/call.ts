import type { Balance, Moved, OutcomeSoFar } from '../answers.ts';
import { BankClient } from '../client.ts';
import type { BankEvent } from '../events.ts';
import type { CallCommand, Common } from './arguments.ts';
import { connect } from './connect.ts';
import { toJson } from './json.ts';
import type { CommandProcess } from './process.ts';
import { REPLAYED, tell } from './story.ts';

type Answer = Moved | Balance | OutcomeSoFar;

/** Makes one call and prints its answer. */
export async function call(command: CallCommand, io: CommandProcess): Promise<void> {
  const answer = await ask(command, io);
  if (!command.json && 'replayed' in answer && answer.replayed) {
    io.err(REPLAYED);
  }
  io.out(command.json ? toJson(answer) : toText(answer));
}

async function ask(command: CallCommand, io: CommandProcess): Promise<Answer> {
  const { signal, world } = io;
  const startedMs = world.elapsedMs();
  const connection = await connect(command, io);
  await using client = new BankClient({
    ...connection,
    // The time that the credentials took is part of the time that the user gives the call.
    callTimeoutMs: Math.max(1, command.timeoutMs - (world.elapsedMs() - startedMs)),
    onEvent: (event) => report(event, command, io),
  });
  switch (command.kind) {
    case 'deposit':
    case 'withdraw': {
      const options = command.key === undefined ? { signal } : { signal, key: command.key };
      return await client[command.kind](command.account, command.amountMinor, options);
    }
    case 'balance':
      return await client.balance(command.account, { signal });
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
