import * as v from 'valibot';
import { entryKeySchema, sideSchema } from '../../../client/contract/field-schemas.ts';
import {
  accountSchema,
  balanceSchema,
  keySchema,
  MAX_AMOUNT_MINOR,
} from '../../../client/contract/schemas.ts';
import type { Side } from '../../../client/index.ts';
import type { CallOutcome } from '../../../client/load/call.ts';

/** What a process can ask the bank for, as far as a history has it. */
export const OPERATIONS = [
  'deposit',
  'withdraw',
  'balance',
  'cancel',
  'transfer',
  'hold',
  'capture',
  'void',
  'setStatus',
  'refund',
] as const;

/**
 * One line of a history: a process asks for something, or gets the result. See FORMAT.md for what each member
 * means.
 */
export type HistoryEvent = v.InferOutput<typeof eventSchema>;

const amountSchema = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,14}$/),
  v.transform((digits) => BigInt(digits)),
  v.maxValue(MAX_AMOUNT_MINOR),
);

const eventSchema = v.strictObject({
  /** Milliseconds since the beginning of the run, by one clock for all processes. */
  time: v.pipe(v.number(), v.minValue(0)),
  process: v.string(),
  type: v.picklist(['invoke', 'ok', 'refused', 'unknown']),
  operation: v.picklist(OPERATIONS),
  account: accountSchema,
  amount: v.optional(amountSchema),
  key: v.optional(keySchema),
  to: v.optional(accountSchema),
  hold: v.optional(keySchema),
  call: v.optional(entryKeySchema),
  debits: v.optional(sideSchema),
  credits: v.optional(sideSchema),
  balance: v.optional(balanceSchema),
  code: v.optional(v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/))),
});

/** A line is not an event, or does not follow from the lines before it. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code = 'history_malformed';
  /** 1 for the first line. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

/** Reads a history from JSON lines. Throws {@link HistoryError}. */
export function parseHistory(text: string): HistoryEvent[] {
  return text
    .split('\n')
    .map((line, index) => [line, index + 1] as const)
    .filter(([line]) => line.trim() !== '')
    .map(([line, number]) => parseEvent(line, number));
}

function parseEvent(line: string, number: number): HistoryEvent {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), eventSchema), line);
  if (!result.success) {
    const [issue] = result.issues;
    throw new HistoryError(number, `${v.getDotPath(issue) ?? 'the line'}: ${issue.message}`);
  }
  return result.output;
}

/** Writes an event as one line. Amounts and balances are text, because not every reader of JSON keeps 15 digits. */
export function formatEvent(event: HistoryEvent): string {
  return `${JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`;
}

/** Members that say what a process asks for. */
export const ASKED = [
  ...(['operation', 'account', 'amount', 'key', 'to', 'hold', 'call', 'debits', 'credits'] as const),
];
export type Asked = Pick<HistoryEvent, (typeof ASKED)[number]>;

/** What a call of the load engine asks for, as a history has it. */
export function askedOf(call: {
  readonly kind: Asked['operation'];
  readonly account: string;
  readonly amountMinor?: bigint | undefined;
  readonly key?: string;
  readonly to?: string;
  readonly hold?: string;
  readonly call?: string;
  readonly debits?: Side;
  readonly credits?: Side;
}): Asked {
  const {
    kind: operation,
    account,
    amountMinor: amount,
    key,
    to,
    hold,
    call: refunded,
    debits,
    credits,
  } = call;
  return { operation, account, amount, key, to, hold, call: refunded, debits, credits };
}

/** How a call ended, in the words of a history. */
export function completionOf(
  outcome: CallOutcome,
  isCancel: boolean,
): Pick<HistoryEvent, 'type' | 'balance' | 'code'> {
  switch (outcome.kind) {
    case 'executed':
      return { type: 'ok', balance: outcome.balanceMinor };
    case 'refused':
      // Who cancels has asked for this answer.
      return isCancel && outcome.code === 'cancelled'
        ? { type: 'ok' }
        : { type: 'refused', code: outcome.code };
    case 'not_executed':
      return { type: 'refused', code: 'unavailable' };
    case 'unknown':
      return { type: 'unknown' };
  }
}
