import type { Status } from '../answers.ts';
import type { BankEvent } from '../events.ts';
import type { FailureReason } from '../failure.ts';

const FAILURES: Record<FailureReason, (name: string) => string> = {
  cannot_connect: (name) => `cannot connect to ${name}`,
  cannot_sign: (name) => `cannot sign the request to ${name}`,
  queued: (name) => `too many calls under way to ${name}, so this one was not sent`,
  connection_lost: (name) => `lost the connection to ${name}`,
  timed_out: (name) => `timeout from ${name}`,
  abandoned: (name) => `no longer waiting for ${name}`,
  aborted: (name) => `gave up waiting for ${name}`,
  unavailable: (name) => `${name} is unavailable`,
  unexpected_answer: (name) => `${name} gave an answer that is not the bank's`,
};

/** Printed for a replay. It does not say that nothing was moved: another attempt of the same call may have moved the money. */
export const REPLAYED = 'replayed: this reply was already recorded under the key';

const number = new Intl.NumberFormat('en-US');

/** Describes a replay: how old its entry is, whether this call certainly moved nothing, and the current balance, if it is known. */
export function describeReplay(ageMs: number, movedNothing: boolean, balance: bigint | undefined): string {
  const certain = movedNothing ? ', nothing moved' : '';
  const now = balance === undefined ? '' : `; balance now ${number.format(balance)}`;
  return `replayed from ${describeAge(ageMs)} ago${certain}${now}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

function describeAge(ageMs: number): string {
  const [unit, unitMs] = UNITS.find(([, ms]) => ageMs >= 2 * ms) ?? ['s', 1000];
  return `${number.format(Math.max(0, Math.floor(ageMs / unitMs)))} ${unit}`;
}

/** What an answer says about an account. */
interface Account extends Status {
  readonly balance: bigint;
  readonly held?: bigint;
}

/** Describes the money of an account. The held money is not part of the balance. */
export function describeMoney({ balance, held = 0n }: Account): string {
  return held > 0n ? `${balance} (${held} held)` : String(balance);
}

/** Describes the status in an answer, such as `frozen for debits, open for credits`. Empty if there is none. */
export function describeStatus({ debits, credits }: Account): string {
  if (debits === credits) {
    return debits === undefined ? '' : `${debits} for debits and credits`;
  }
  const sides = [debits && `${debits} for debits`, credits && `${credits} for credits`];
  return sides.filter((side) => side !== undefined).join(', ');
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Describes a failed attempt in a few words. */
export function describeFailure(reason: FailureReason, name: string): string {
  return FAILURES[reason](name);
}

/** Describes the end of an attempt, or a wait, with its duration; undefined for other events. */
export function describeAttempt(event: BankEvent, nameWidth: number): string | undefined {
  const line = (name: string, result: string, ms: number) =>
    `${name.padEnd(nameWidth)}  ${result.padEnd(17)}  ${number.format(Math.round(ms)).padStart(6)} ms`;
  switch (event.type) {
    case 'attempt_answered':
      return line(event.endpoint.name, `replied ${event.status}`, event.durationMs);
    case 'attempt_failed':
      return line(event.endpoint.name, event.reason.replaceAll('_', ' '), event.durationMs);
    case 'waiting':
      return line('', 'waiting', event.delayMs);
    default:
      return undefined;
  }
}

/** Describes an event of an attempt in a few words; undefined for other events. */
export function describeEvent(event: BankEvent): string | undefined {
  switch (event.type) {
    case 'attempt_started':
      return `trying ${event.endpoint.name}`;
    case 'attempt_answered':
      return `${event.region ?? event.endpoint.name} replied`;
    case 'attempt_failed':
      return describeFailure(event.reason, event.endpoint.name);
    case 'waiting':
      return `waiting ${Math.round(event.delayMs)} ms`;
    case 'key':
    case 'endpoint_changed':
      return undefined;
  }
}
