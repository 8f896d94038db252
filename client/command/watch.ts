import type { Balance } from '../answers.ts';
import { BankClient } from '../client.ts';
import { RefusedError, UnavailableError } from '../errors.ts';
import type { BankEvent } from '../events.ts';
import type { FailureReason } from '../failure.ts';
import { follow } from '../follow.ts';
import { sleep } from '../timers.ts';
import type { WatchCommand } from './arguments.ts';
import { attemptPrinter } from './attempts.ts';
import { connect } from './credentials.ts';
import { describeFailure, describeMoney, describeStatus } from './describe.ts';
import type { CommandProcess } from './process.ts';
import { type Paint, toJson } from './terminal.ts';

/** What a read has found. */
type Reading =
  | ({ readonly event: 'balance' } & Balance)
  | { readonly event: 'no_account'; readonly region: string | undefined }
  | { readonly event: 'unavailable'; readonly message: string };

/** A line that watch prints. */
type Line =
  | (Reading & { readonly account: string })
  /** Reads go to another endpoint from now on. The reason is undefined on the way back to an endpoint that works again. */
  | {
      readonly event: 'endpoint_changed';
      readonly from: string;
      readonly to: string;
      readonly reason: FailureReason | undefined;
    };

type EventOf<Type extends BankEvent['type']> = Extract<BankEvent, { type: Type }>;

/** Reads a balance again and again and prints it whenever it, the held money or the status has changed, until the user ends it or its time is up. */
export async function watch(command: WatchCommand, io: CommandProcess): Promise<void> {
  const { elapsedMs } = io.world;
  const { signal, release } = follow([io.signal, io.readerGone]);
  try {
    const untilMs = elapsedMs() + (command.seconds ?? Number.POSITIVE_INFINITY) * 1000;
    await using client = new BankClient({
      ...(await connect(command, io)),
      callTimeoutMs: command.timeoutMs,
      onEvent: openReporter(command, io),
    });
    let before: Reading | undefined;
    while (!signal.aborted && elapsedMs() < untilMs) {
      const now = await read(client, command.account, signal, before === undefined);
      if (now !== undefined && isNews(before, now)) {
        print({ ...now, account: command.account }, command, io);
      }
      before = now ?? before;
      await sleep(Math.min(command.intervalMs, untilMs - elapsedMs()), io.world, signal);
    }
  } finally {
    release();
  }
}

/**
 * Reads the balance; undefined when the watch was ended meanwhile. If the first read finds no bank, the command is wrong or
 * nothing is running, and {@link UnavailableError} is thrown; a bank that is lost later is a reading.
 */
async function read(
  client: BankClient,
  account: string,
  signal: AbortSignal,
  isFirst: boolean,
): Promise<Reading | undefined> {
  try {
    return { event: 'balance', ...(await client.balance(account, { signal })) };
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

/** True when a reading differs from the one before. Another Region alone is no difference. */
export function isNews(before: Reading | undefined, now: Reading): boolean {
  return before?.event === 'balance' && now.event === 'balance'
    ? describeMoney(before) !== describeMoney(now) || describeStatus(before) !== describeStatus(now)
    : before?.event !== now.event;
}

/** Prints when reads go to another Region than before, and why. */
function openReporter(command: WatchCommand, io: CommandProcess): (event: BankEvent) => void {
  const printAttempt = attemptPrinter(command, io);
  let failed: EventOf<'attempt_failed'> | undefined;
  return (event) => {
    printAttempt(event);
    if (event.type === 'attempt_started' && event.attempt === 1) {
      // A failure in an earlier call is no reason for a change in this one.
      failed = undefined;
    } else if (event.type === 'attempt_failed') {
      failed = event;
    } else if (event.type === 'endpoint_changed') {
      print(changeOf(event, failed), command, io);
    }
  };
}

/** A change of endpoints, with its reason: the failure of the attempt before, if that was at the former endpoint. */
export function changeOf(
  { from, to }: EventOf<'endpoint_changed'>,
  failed: EventOf<'attempt_failed'> | undefined,
): Line {
  const reason = failed?.endpoint.url === from.url ? failed.reason : undefined;
  return { event: 'endpoint_changed', from: from.name, to: to.name, reason };
}

/** Standard output has what the account holds, and nothing else. */
const ASIDE: ReadonlySet<Line['event']> = new Set(['unavailable', 'endpoint_changed']);

function print(line: Line, { json }: WatchCommand, { out, err, paint, world }: CommandProcess): void {
  const time = new Date(world.wallClockMs()).toISOString();
  const isAside = ASIDE.has(line.event);
  const { event, ...members } = line;
  (isAside ? err : out)(
    json ? toJson({ event, time, ...members }) : `${time}  ${toText(line, isAside ? paint.err : paint.out)}`,
  );
}

export function toText(line: Line, paint: Paint): string {
  switch (line.event) {
    case 'balance':
      return `${describeMoney(line)}  ${line.region}  ${describeStatus(line)}`.trimEnd();
    case 'no_account':
      return `no such account  ${line.region ?? ''}`.trimEnd();
    case 'unavailable':
      return paint('bad', `no Region answers; still asking. ${line.message}`);
    case 'endpoint_changed':
      return line.reason === undefined
        ? paint('good', `${line.to} works again and is asked from now on`)
        : paint('warning', `${describeFailure(line.reason, line.from)}; ${line.to} is asked from now on`);
  }
}
