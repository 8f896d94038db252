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

/** The result of one read. */
type Reading =
  | ({ readonly event: 'balance' } & Balance)
  | { readonly event: 'no_account'; readonly region: string | undefined }
  | { readonly event: 'unavailable'; readonly message: string };

/** A line that watch prints. */
type Line =
  | (Reading & { readonly account: string })
  /** Reads now go to another endpoint. `reason` is undefined if it is one that works again. */
  | {
      readonly event: 'endpoint_changed';
      readonly from: string;
      readonly to: string;
      readonly reason: FailureReason | undefined;
    };

type EventOf<Type extends BankEvent['type']> = Extract<BankEvent, { type: Type }>;

/** Reads an account until the user ends it or its time is up, and prints a line whenever its money or its status has changed. */
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
 * Reads the balance; undefined if the watch was ended meanwhile. If the first read finds no bank, the address is wrong or nothing is running,
 * so it throws {@link UnavailableError}. If the bank is lost later, that is a result.
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

/** True if a result differs from the one before. Another Region alone does not count. */
export function isNews(before: Reading | undefined, now: Reading): boolean {
  return before?.event === 'balance' && now.event === 'balance'
    ? describeMoney(before) !== describeMoney(now) || describeStatus(before) !== describeStatus(now)
    : before?.event !== now.event;
}

/** Makes a listener that prints when reads go to another Region, and why. */
function openReporter(command: WatchCommand, io: CommandProcess): (event: BankEvent) => void {
  const printAttempt = attemptPrinter(command, io);
  let failed: EventOf<'attempt_failed'> | undefined;
  return (event) => {
    printAttempt(event);
    if (event.type === 'attempt_started' && event.attempt === 1) {
      // A failure of an earlier call is not the reason for a change in this one.
      failed = undefined;
    } else if (event.type === 'attempt_failed') {
      failed = event;
    } else if (event.type === 'endpoint_changed') {
      print(changeOf(event, failed), command, io);
    }
  };
}

/** Describes a change of endpoints. The reason is the failure of the attempt before, if that was at the former endpoint. */
export function changeOf(
  { from, to }: EventOf<'endpoint_changed'>,
  failed: EventOf<'attempt_failed'> | undefined,
): Line {
  const reason = failed?.endpoint.url === from.url ? failed.reason : undefined;
  return { event: 'endpoint_changed', from: from.name, to: to.name, reason };
}

/** These lines go to standard error: standard output has only results about the account. */
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
      return paint('bad', `no Region answers; still trying. ${line.message}`);
    case 'endpoint_changed':
      return line.reason === undefined
        ? paint('good', `${line.to} works again; reading from ${line.to}`)
        : paint('warning', `${describeFailure(line.reason, line.from)}; reading from ${line.to}`);
  }
}
