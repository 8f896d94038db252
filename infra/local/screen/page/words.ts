import type { Entry, Status } from '../../../../client/index.ts';
import type { RegionNow, Verb } from '../news.ts';
import type { CallRow, PanelAnswer, PanelCall, RegionBox } from './state.ts';

/** How a sentence is coloured. */
type Tone = 'good' | 'bad';

/** Names a call in a row, as the `bank` command does. Only `status` is put in words, because it does not say what it does. */
export function callLine(call: PanelCall): string {
  return call.what === 'status' ? `${settingLine(call)} of ${call.account}` : wordsOf(call).join(' ');
}

function settingLine(status: Status): string {
  return (['debits', 'credits'] as const)
    .flatMap((side) => (status[side] === undefined ? [] : [`${SETTING[status[side]]} ${side}`]))
    .join(', ');
}

const SETTING = { frozen: 'freeze', open: 'open' };

/** The words of a call, as the `bank` command takes them. */
export function wordsOf(call: PanelCall): readonly string[] {
  return [
    call.what,
    call.account,
    ...('to' in call ? [call.to] : []),
    ...('hold' in call ? [call.hold] : []),
    ...('call' in call ? [call.call] : []),
    ...('amount' in call ? [String(call.amount)] : []),
    ...(call.what === 'status' ? statusWords(call).flatMap((words) => `--${words}`.split(' ')) : []),
    ...(call.what === 'cancel' ? [call.key] : []),
  ];
}

/** How a call ended, in one or two words. */
export function resultLine(answer: PanelAnswer): readonly [Tone, string] {
  switch (answer.kind) {
    case 'balance':
      return ['good', `${count(answer.balance)}${answer.replayed ? ', replayed' : ''}`];
    case 'cancelled':
      return ['good', 'cancelled'];
    case 'refused':
      return ['bad', `${phrase(answer.code)}${answer.replayed ? ', replayed' : ''}`];
    case 'unanswered':
      return ['bad', phrase(answer.code)];
    case 'invalid':
      return ['bad', 'not sent'];
  }
}

/** Says how a call ended. `balanceNow` is the present balance of its account, where it is known. */
export function answerLine(
  { startedMs }: Pick<CallRow, 'startedMs'>,
  answer: PanelAnswer,
  balanceNow: bigint | undefined,
): readonly [Tone, string] {
  switch (answer.kind) {
    case 'balance': {
      const beside = besideLine(answer);
      const reply = `${count(answer.balance)}${beside === '' ? '' : ` (${beside})`}`;
      if (!answer.replayed) {
        return ['good', `${reply}, from ${answer.region}`];
      }
      // A lost attempt of this very call may have moved the money. An older entry is the work of an earlier call.
      const moved = answer.at.getTime() < startedMs ? 'nothing moved' : 'moved once';
      const now = balanceNow === undefined ? '' : `; now ${count(balanceNow)}`;
      return ['good', `${reply}, replayed from ${timeOf(answer.at)}, ${moved}${now}`];
    }
    case 'cancelled':
      return ['good', `Cancelled: it never executes, says ${answer.region}`];
    case 'refused': {
      const replayed = answer.replayed ? ' Replayed, nothing moved.' : '';
      return ['bad', `Refused, ${phrase(answer.code)}: ${answer.message}${replayed}`];
    }
    case 'unanswered':
      return ['bad', `${UNANSWERED[answer.code]}: ${answer.message}`];
    case 'invalid':
      return ['bad', `Not sent: ${answer.message}`];
  }
}

const UNANSWERED = { unavailable: 'Unavailable', outcome_unknown: 'Outcome unknown' };

/** A time of day: `20:41:07`. */
export function timeOf(time: Date): string {
  return time.toLocaleTimeString('en-GB');
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

/** A literal code as words. */
function phrase(code: string): string {
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
  { key, type, amount, other, refund }: Entry,
  entries: readonly Entry[],
): bigint | undefined {
  const isRefundable =
    type === 'withdrawal' ||
    (type === 'credit' && refund === undefined) ||
    (type === 'capture' && other === undefined);
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

/** How many seconds a Region has been in its state, such as `12 s`. Empty when the state began before the page was opened. */
export function sinceLine({ sinceMs }: RegionBox, nowMs: number): string {
  return sinceMs === undefined ? '' : `${count(Math.max(0, Math.round((nowMs - sinceMs) / 1000)))} s`;
}

/** How a check ended, in one sentence. */
export const HEADLINES = {
  balanced: ['good', 'The books balance.'],
  partly: ['good', 'The books balance, as far as they could be read.'],
  wrong: ['bad', 'The books do not balance.'],
  open: ['bad', 'Not everything could be checked: the list below says why.'],
  unread: ['bad', 'No Region could be read: start one, and check again.'],
} as const satisfies Readonly<Record<string, readonly [Tone, string]>>;

/** What a Region's button is called, and what it is called while it does it. */
export const VERB_WORDS: Readonly<Record<Verb, readonly [string, string]>> = {
  kill: ['Kill', 'Killing'],
  freeze: ['Freeze', 'Freezing'],
  thaw: ['Thaw', 'Thawing'],
  start: ['Start', 'Starting'],
};

/** A number of anything, with thousands apart. */
export function count(value: number | bigint): string {
  return value.toLocaleString('en');
}
