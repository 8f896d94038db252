import type { Entry, RefusalCode } from '../index.ts';
import type { MoveRecord } from './call.ts';

const NAMES = ['other', 'transfer', 'hold', 'call', 'refund', 'debits', 'credits'] as const;
const TEXTS = ['type', 'code', 'reference', ...NAMES] as const;
const NUMBERS = ['amount', 'change', 'heldChange'] as const;

/** What an entry must contain, apart from its number, its time and the balance. It must not contain what is absent or undefined here. */
export type Expected = Pick<Entry, 'type' | 'change'> & {
  readonly [Name in 'amount' | 'heldChange']?: bigint | undefined;
} & { readonly [Name in Exclude<(typeof TEXTS)[number], 'type'>]?: string | undefined };

/** True if the entry contains exactly what is expected. */
export function isAs(entry: Entry, expected: Expected): boolean {
  return (
    TEXTS.every((name) => entry[name] === expected[name]) &&
    NUMBERS.every((name) => (entry[name] ?? 0n) === (expected[name] ?? 0n))
  );
}

/** True if there is no entry, or one that moved nothing. */
export function isNothing(entry: Entry | undefined): boolean {
  const { type = 'refused', change = 0n, heldChange = 0n } = entry ?? {};
  return ['refused', 'cancelled'].includes(type) && change === 0n && heldChange === 0n;
}

/** The entry of an executed call; undefined if the call cannot be executed. `leftMinor` is what is left of the hold that it names. */
export function executedEntry({ call, key }: MoveRecord, leftMinor: bigint): Expected | undefined {
  const { kind, reference } = call;
  const names = namesIn({ call, key });
  switch (kind) {
    case 'deposit':
      return { type: 'deposit', amount: call.amountMinor, change: call.amountMinor, reference };
    case 'withdraw':
      return { type: 'withdrawal', amount: call.amountMinor, change: -call.amountMinor, reference };
    case 'transfer':
    case 'hold': {
      const amount = call.amountMinor;
      return { type: kind, amount, change: -amount, heldChange: amount, reference, ...names };
    }
    case 'capture': {
      const amount = call.amountMinor ?? leftMinor;
      const change = call.final === false ? 0n : leftMinor - amount;
      // Money that is captured for another account is held until that account has it.
      const heldChange = call.to === undefined ? -amount - change : -change;
      const entry = { type: kind, amount, change, heldChange, reference, ...names };
      return amount > leftMinor || amount === 0n ? undefined : entry;
    }
    case 'void': {
      const entry = { type: kind, amount: leftMinor, change: leftMinor, heldChange: -leftMinor };
      return leftMinor === 0n ? undefined : { ...entry, reference, ...names };
    }
    case 'refund':
      // The entry that ends the refund brings the money.
      return { type: kind, amount: call.amountMinor, change: 0n, reference, ...names };
    case 'setStatus':
      return { type: 'status', change: 0n, reference, ...names };
  }
}

/** The entry of a refused call, if its refusal is recorded. */
export function refusedEntry({ call, key }: Pick<MoveRecord, 'call' | 'key'>, code: RefusalCode): Expected {
  const amount = 'amountMinor' in call ? call.amountMinor : undefined;
  return code === 'cancelled'
    ? { type: 'cancelled', change: 0n }
    : { type: 'refused', code, amount, change: 0n, reference: call.reference, ...namesIn({ call, key }) };
}

function namesIn({ call, key }: Pick<MoveRecord, 'call' | 'key'>) {
  return {
    ...('to' in call && call.to !== undefined ? { other: call.to, transfer: key } : {}),
    ...('hold' in call ? { hold: call.hold } : {}),
    ...(call.kind === 'hold' ? { hold: key } : {}),
    ...(call.kind === 'refund' ? { call: call.call } : {}),
    ...(call.kind === 'setStatus' ? { debits: call.debits, credits: call.credits } : {}),
  };
}

export function formatEntry(entry: Entry): string {
  const { sequence, type, code, change, heldChange, balance, reference } = entry;
  const words = [
    type,
    code,
    `change ${change}`,
    heldChange && `held ${heldChange}`,
    `balance ${balance}`,
    reference,
    ...NAMES.map((name) => entry[name] && `${name} ${entry[name]}`),
  ];
  return `entry ${sequence} is ${words.filter((word) => word !== undefined).join(', ')}`;
}
