import { BankClient } from '../../client.ts';
import { RefusedError, UnavailableError } from '../../errors.ts';
import type { BankEvent } from '../../events.ts';
import { follow } from '../../follow.ts';
import { sleep } from '../../timers.ts';
import type { WatchCommand } from '../arguments.ts';
import { reportStory } from '../call.ts';
import { connect } from '../connect.ts';
import { toJson } from '../json.ts';
import type { CommandProcess } from '../process.ts';
import { ASIDE, isNews, type Line, type Reading, textOf, wayOf } from './lines.ts';

/** Reads a balance again and again and tells whenever it has changed, until somebody ends it or its time is up. */
export async function watch(command: WatchCommand, io: CommandProcess): Promise<void> {
  const { signal, release } = follow([io.signal, io.readerGone]);
  try {
    await watchUntil(signal, command, io);
  } finally {
    release();
  }
}

async function watchUntil(signal: AbortSignal, command: WatchCommand, io: CommandProcess): Promise<void> {
  const { world } = io;
  const untilMs = world.elapsedMs() + (command.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  await using client = new BankClient({
    ...(await connect(command, io)),
    callTimeoutMs: command.timeoutMs,
    onEvent: openReporter(command, io),
  });
  let before: Reading | undefined;
  while (!signal.aborted && world.elapsedMs() < untilMs) {
    const now = await read(client, command.account, signal, before === undefined);
    if (now !== undefined && isNews(before, now)) {
      print({ ...now, account: command.account }, command, io);
    }
    before = now ?? before;
    await sleep(Math.min(command.intervalMs, untilMs - world.elapsedMs()), world, signal);
  }
}

/**
 * Reads the balance; undefined when the watch was ended meanwhile. A bank that cannot be reached is something to tell,
 * unless it is the first thing: then it is the command that is wrong, or nothing is running, and {@link UnavailableError}
 * is thrown.
 */
async function read(
  client: BankClient,
  account: string,
  signal: AbortSignal,
  isFirst: boolean,
): Promise<Reading | undefined> {
  try {
    const { balance, region } = await client.balance(account, { signal });
    return { event: 'balance', balance, region };
  } catch (error) {
    if (signal.aborted) {
      return undefined;
    }
    if (error instanceof RefusedError && error.code === 'no_such_account') {
      return { event: 'no_account', region: error.region };
    }
    if (error instanceof UnavailableError && !isFirst) {
      return { event: 'unavailable', message: error.message };
    }
    throw error;
  }
}

/** Tells when reads go to another Region than before, and why. */
function openReporter(command: WatchCommand, io: CommandProcess): (event: BankEvent) => void {
  let failed: Extract<BankEvent, { type: 'attempt_failed' }> | undefined;
  return (event) => {
    reportStory(event, command, io);
    if (event.type === 'attempt_started' && event.attempt === 1) {
      // What went wrong in an earlier call is not why the way changes in this one.
      failed = undefined;
    } else if (event.type === 'attempt_failed') {
      failed = event;
    } else if (event.type === 'endpoint_changed') {
      print(wayOf(event, failed), command, io);
    }
  };
}

function print(line: Line, { json }: WatchCommand, { out, err, paint, world }: CommandProcess): void {
  const time = new Date(world.wallClockMs()).toISOString();
  const write = ASIDE.has(line.event) ? err : out;
  if (json) {
    const { event, ...members } = line;
    write(toJson({ event, time, ...members }));
  } else {
    write(`${time}  ${textOf(line, ASIDE.has(line.event) ? paint.err : paint.out)}`);
  }
}
