import { HEADERS } from './contract/operations.ts';
import {
  account,
  amount,
  balance,
  change,
  entryKey,
  fieldsOf,
  httpStatus,
  key,
  listOf,
  number,
  objectOf,
  oneOf,
  optional,
  reference,
  text,
  time,
  wholeNumber,
} from './read-field.ts';

/**
 * Readers of the bank's answers. They accept what the schemas of `contract/schemas.ts` accept, and throw an error for everything else. A
 * test compares the two.
 */

/** The members of every answer to an executed call. */
export const MOVED = { account, balance, key, sequence: wholeNumber, at: time };
export const SIDES = {
  debits: optional(oneOf('open', 'frozen')),
  credits: optional(oneOf('open', 'frozen')),
};

export const readBalance = objectOf({
  account,
  balance,
  held: balance,
  debits: optional(oneOf('frozen')),
  credits: optional(oneOf('frozen')),
});

/** Reads one answer of a statement; `next` is where the following one begins. */
export const readEntries = objectOf({
  account,
  entries: listOf(
    objectOf({
      sequence: wholeNumber,
      at: time,
      key: entryKey,
      type: text,
      code: optional(text),
      amount: optional(amount),
      change,
      heldChange: optional(change),
      balance,
      reference: optional(reference),
      other: optional(account),
      transfer: optional(entryKey),
      hold: optional(entryKey),
      call: optional(entryKey),
      refund: optional(entryKey),
      ...SIDES,
    }),
  ),
  next: optional(wholeNumber),
});

/** Reads one answer of the list of accounts; `next` is where the following one begins. */
export const readAccounts = objectOf({
  accounts: listOf(objectOf({ account, balance })),
  next: optional(text),
});

export const readHolds = objectOf({
  account,
  holds: listOf(
    objectOf({
      hold: key,
      amount,
      remaining: amount,
      expiresAt: time,
      reference: optional(reference),
    }),
  ),
});

const REPLY = { status: httpStatus, body: fieldsOf };

/** Reads a recorded reply: the status and the body of the answer to a call. */
const readReply = objectOf(REPLY);
export type RecordedReply = ReturnType<typeof readReply>;

const readBatchReply = objectOf({ key, ...REPLY, replayed: optional(oneOf(true)) });
export type BatchReply = ReturnType<typeof readBatchReply>;

/** Reads the answers to the calls of a batch. */
export const readBatchAnswers = objectOf({ account, answers: listOf(readBatchReply) });

/** Reads a recorded reply with its key. */
export const readRecordedReply = objectOf({ key, ...REPLY, refunded: optional(amount) });

/** Reads the answer that a transfer or a refund is under way. */
export const readPending = objectOf({ key, outcome: oneOf('pending') });

/** Reads the answer to a cancellation. Without `reply`, the key is cancelled; `reply` is the earlier answer to its call. */
export function readCancellation(body: unknown): { key: string; reply?: RecordedReply } {
  const { outcome, ...cancelled } = objectOf({ key, outcome: oneOf('cancelled', 'answered') })(body);
  return outcome === 'cancelled' ? cancelled : { ...cancelled, reply: readReply(fieldsOf(body)['reply']) };
}

/** Reads an RFC 9457 problem. */
export const readProblem = objectOf({
  type: text,
  title: text,
  status: number,
  detail: text,
  code: text,
  executed: optional(oneOf(false)),
});

/** True if the answer was recorded before this attempt. */
export function isReplayed(headers: Headers): boolean {
  return headers.get(HEADERS.replayed) === 'true';
}
