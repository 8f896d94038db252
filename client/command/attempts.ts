import type { BankEvent, BankEventListener } from '../events.ts';
import { resolveOptions } from '../options.ts';
import type { Common } from './arguments.ts';
import { describeAttempt } from './describe.ts';
import type { CommandProcess } from './process.ts';

/** With --verbose, prints how each attempt ended. On a terminal, it also shows the one that is under way. */
export function attemptPrinter(
  { endpoints, json, verbose }: Common,
  { err, paint, progress }: Pick<CommandProcess, 'err' | 'paint' | 'progress'>,
): BankEventListener {
  if (!verbose) {
    return () => {};
  }
  const nameWidth = Math.max(...resolveOptions({ endpoints }).endpoints.map(({ name }) => name.length));
  return (event) => {
    if (json) {
      const ended = attemptJson(event);
      if (ended !== undefined) {
        err(JSON.stringify(ended));
      }
      return;
    }
    const line = describeAttempt(event, nameWidth);
    if (line !== undefined) {
      err(event.type === 'attempt_failed' ? paint.err('warning', line) : line);
    } else if (event.type === 'attempt_started') {
      progress(`${event.endpoint.name.padEnd(nameWidth)}  ...`);
    }
  };
}

function attemptJson(event: BankEvent): object | undefined {
  switch (event.type) {
    case 'attempt_answered':
    case 'attempt_failed': {
      const { type, endpoint, durationMs } = event;
      const result = type === 'attempt_answered' ? { status: event.status } : { reason: event.reason };
      return { event: 'attempt', endpoint: endpoint.name, ...result, durationMs };
    }
    case 'waiting':
      return { event: 'waiting', delayMs: event.delayMs };
    default:
      return undefined;
  }
}
