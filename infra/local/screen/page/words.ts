import { REPLAYED } from '../../../../client/command/describe.ts';
import type { Entry, Status } from '../../../../client/index.ts';
import type { CallSeen, RegionNow, Verb } from '../news.ts';
import type { Tally } from './hammer.ts';
import type { Kind, PanelAnswer, PanelCall, Tone } from './state.ts';

/** Names a call as its user would type it. */
export function callLine(call: PanelCall, again: boolean): string {
  const words = [
    call.what,
    call.account,
    ...('to' in call ? [call.to] : []),
    ...('hold' in call ? [call.hold] : []),
    ...('call' in call ? [call.call] : []),
    ...('amount' in call ? [call.amount] : []),
    ...(call.what === 'status' ? statusWords(call).map((words) => `--${words}`) : []),
  ];
  return `${words.join(' ')}${again ? ', again with its key' : ''}`;
}

/** Says how a call ended, in the words of the `bank` command. */
export function answerLine(answer: PanelAnswer): [Tone, string] {
  switch (answer.kind) {
    case 'balance': {
      const beside = besideLine(answer);
      return ['good', withReplay(`${count(answer.balance)}${beside === '' ? '' : ` (${beside})`}`, answer)];
    }
    case 'cancelled':
      return ['good', 'cancelled: it never happens'];
    case 'refused':
      return ['bad', withReplay(`${phrase(answer.code)}: ${answer.message}`, answer)];
    case 'unanswered':
      return ['bad', `${phrase(answer.code)}: ${answer.message}`];
    case 'invalid':
      return ['bad', answer.message];
  }
}

/** What an answer says beside the balance: what is held, which is no part of it, what was refunded, and what is frozen, or was set. */
export function besideLine({ held = 0n, refunded = 0n, ...status }: Beside): string {
  return [
    ...(held > 0n ? [`${count(held)} held`] : []),
    ...(refunded > 0n ? [`${count(refunded)} refunded`] : []),
    ...statusWords(status),
  ].join(', ');
}

type Beside = Pick<Extract<PanelAnswer, { kind: 'balance' }>, 'held' | 'refunded' | keyof Status>;

/** The sides of an account that a call, an answer or an entry names, and what they are or became. */
function statusWords(status: Status): readonly string[] {
  return (['debits', 'credits'] as const).flatMap((side) =>
    status[side] === undefined ? [] : [`${side} ${status[side]}`],
  );
}

function withReplay(line: string, { replayed }: { readonly replayed: boolean }): string {
  return replayed ? `${line} (${REPLAYED})` : line;
}

/** A literal code as words. */
export function phrase(code: string): string {
  return code.replaceAll('_', ' ');
}

/** Entries of a transfer whose money came from the other account. */
const INCOMING = new Set(['credit', 'returned']);

/** Names an entry of a statement, and the other account of a transfer. A transfer or a refund is under way until a later entry ends it. */
export function entryLine(entry: Entry, entries: readonly Entry[]): string {
  const { key, type, code, other } = entry;
  const isUnderWay =
    (type === 'refund' || (other !== undefined && (type === 'transfer' || type === 'capture'))) &&
    !entries.some(
      ({ sequence, transfer, refund }) => sequence > entry.sequence && (refund ?? transfer) === key,
    );
  return [
    type,
    ...(type === 'status' ? [statusWords(entry).join(', ')] : []),
    ...(other === undefined ? [] : [INCOMING.has(type) ? 'from' : 'to', other]),
    ...(code === undefined ? [] : [`(${phrase(code)})`]),
    ...(isUnderWay ? ['(under way)'] : []),
  ].join(' ');
}

/**
 * What is left to refund of an entry; undefined where it is none that can be refunded. All entries after it are known, so also all
 * refunds of it.
 */
export function leftToRefund(
  { key, type, amount, other }: Entry,
  entries: readonly Entry[],
): bigint | undefined {
  const isRefundable =
    type === 'withdrawal' || type === 'credit' || (type === 'capture' && other === undefined);
  return isRefundable && amount !== undefined
    ? entries.reduce(
        (left, { type, call, amount = 0n }) => (type === 'refunded' && call === key ? left - amount : left),
        amount,
      )
    : undefined;
}

/** What an entry changed. */
export function changeLine({ change, heldChange = 0n }: Entry): string {
  return [
    ...(change === 0n ? [] : [signed(change)]),
    ...(heldChange === 0n ? [] : [`${signed(heldChange)} held`]),
  ].join(', ');
}

function signed(change: bigint): string {
  return change > 0n ? `+${count(change)}` : count(change);
}

export function stateLine({ region, state }: RegionNow): string {
  return `${region} is ${state}`;
}

/** How a check ended, in one sentence. */
export const HEADLINES = {
  balanced: ['good', 'The books balance.'],
  partly: ['good', 'The books balance, as far as they could be read.'],
  wrong: ['bad', 'The books do not balance.'],
  open: ['bad', 'Not everything could be checked: the list in Hammer says why.'],
  unread: ['bad', 'No Region could be read: start one, and check again.'],
} as const satisfies Readonly<Record<string, readonly [Tone, string]>>;

export function tallyLine({ calls, refused, failovers, unknown }: Tally): string {
  return `${count(calls)} calls, ${count(refused)} refused, ${count(failovers)} failovers, ${count(unknown)} unknown.`;
}

/** What a Region's button is called, and what it is called while it does it. */
export const VERB_WORDS: Readonly<Record<Verb, readonly [string, string]>> = {
  kill: ['Kill', 'Killing'],
  freeze: ['Freeze Region', 'Freezing'],
  thaw: ['Thaw Region', 'Thawing'],
  start: ['Start', 'Starting'],
};

/** Outcomes that are neither a reply nor a refusal of money. */
const OTHER = new Set(['answered', 'acknowledged', 'unavailable', 'no_reply', 'cancelled', 'pending']);

/** Sorts a call that a Region logged. */
export function kindOf({ outcome }: CallSeen): Kind {
  if (outcome === 'executed' || outcome === 'replayed') {
    return outcome;
  }
  return OTHER.has(outcome) ? 'other' : 'refused';
}

/** A number of anything, with thousands apart. */
export function count(value: number | bigint): string {
  return value.toLocaleString('en');
}
