import { problemOf } from '../../client/contract/problem-reference.ts';

const account = 'joe';
/** All zeros: a key that a reader copies from here is expired, so that it cannot be used. */
const key = '00000000-0000-7000-8000-000000000000';
const otherKey = '00000000-0001-7000-8000-000000000000';
const at = '2026-11-01T13:00:00.000Z';
const moved = { account, key, balance: '10', sequence: 1, at };
const to = 'ann';
const hold = key;
const expiresAt = '2026-11-08T13:00:00.000Z';
const reference = 'order 4711';
const refunded = { ...moved, call: key, amount: '4' };
const reserved = { amount: '2', change: '-2', heldChange: '2' };
const captured = { ...moved, held: '0', hold, amount: '10' };

/** The amount of the calls that the examples of problems refuse. */
export const REFUSED_AMOUNT_MINOR = 1234n;
const refusal = problemOf('not_enough_money', REFUSED_AMOUNT_MINOR);

/** Examples of request and response bodies, by the name of their schema. */
export const EXAMPLES: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  DepositBody: {
    deposit: { amount: '10' },
    existing_account: { amount: '10', reference, mustExist: true },
  },
  WithdrawalBody: { withdrawal: { amount: '10', reference } },
  BatchBody: {
    two_calls: {
      calls: [
        { operation: 'deposit', key, amount: '10' },
        { operation: 'withdraw', key: otherKey, amount: '1234', reference },
      ],
    },
  },
  TransferBody: { transfer: { amount: '10', reference } },
  HoldBody: { default: { amount: '10' }, one_hour: { amount: '10', expiresInSeconds: 3600, reference } },
  CaptureBody: { all: {}, part: { amount: '4', final: false, reference } },
  VoidBody: { void: {} },
  RefundBody: { rest: {}, part: { amount: '4', reference } },
  StatusBody: {
    freeze_debits: { debits: 'frozen', reference: 'case 4711' },
    open: { debits: 'open', credits: 'open' },
  },
  Moved: { executed: moved },
  BatchAnswers: {
    executed_and_refused: {
      account,
      answers: [
        { key, status: 200, body: moved },
        { key: otherKey, status: 409, body: refusal },
      ],
    },
  },
  Transferred: { executed: { ...moved, to } },
  Held: { executed: { ...moved, held: '10', expiresAt } },
  Captured: { executed: captured, transferred: { ...captured, to } },
  Voided: { executed: captured },
  Refunded: { executed: refunded, of_a_transfer: { ...refunded, to } },
  Status: { executed: { ...moved, debits: 'frozen' } },
  BalanceBody: {
    balance: { account, balance: '25', held: '10' },
    frozen: { account, balance: '25', held: '0', debits: 'frozen' },
  },
  HoldsBody: {
    open: { account, holds: [{ hold, amount: '10', remaining: '6', expiresAt, reference }] },
    none: { account, holds: [] },
  },
  AccountsBody: {
    page: { accounts: [{ account, balance: '25' }], next: account },
    last_page: { accounts: [] },
  },
  EntriesBody: {
    page: {
      account,
      entries: [
        { sequence: 6, key, type: 'refund', amount: '4', change: '0', balance: '2', at, call: key },
        { sequence: 5, key, type: 'transfer', ...reserved, balance: '2', at, other: to, transfer: key },
        { sequence: 4, key: hold, type: 'hold', ...reserved, balance: '4', at, hold },
        {
          sequence: 3,
          key,
          type: 'refused',
          code: 'not_enough_money',
          amount: '1234',
          change: '0',
          balance: '6',
          at,
        },
        { sequence: 2, key, type: 'withdrawal', amount: '4', change: '-4', balance: '6', at, reference },
      ],
      next: 2,
    },
  },
  RecordedReply: {
    executed: { key, status: 200, body: moved },
    refunded_in_part: { key, status: 200, body: moved, refunded: '4' },
    refused: { key, status: 409, body: refusal },
    cancelled: { key, status: 409, body: problemOf('cancelled') },
  },
  Pending: { pending: { key, outcome: 'pending' } },
  Cancellation: {
    cancelled: { key, outcome: 'cancelled' },
    executed_before: { key, outcome: 'answered', reply: { status: 200, body: moved } },
    refused_before: { key, outcome: 'answered', reply: { status: 409, body: refusal } },
  },
  Health: { healthy: { status: 'ok' } },
};
