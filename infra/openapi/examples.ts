import { problemOf } from '../../client/contract/problem-reference.ts';

const account = 'joe';
/** Zeros, so that no reader uses it: a key that a caller copied from here would be expired. */
const key = '00000000-0000-7000-8000-000000000000';
const at = '2026-11-01T13:00:00.000Z';
const moved = { account, key, balance: '10', sequence: 1, at };

/** The amount of the calls that the examples of problems refuse. */
export const REFUSED_AMOUNT_MINOR = 1234n;
const refusal = problemOf('not_enough_money', REFUSED_AMOUNT_MINOR);

/** Examples of request and response bodies, by the name of their schema. */
export const EXAMPLES: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  DepositBody: {
    deposit: { amount: '10' },
    existing_account: { amount: '10', reference: 'order 4711', mustExist: true },
  },
  WithdrawalBody: { withdrawal: { amount: '10', reference: 'order 4711' } },
  Moved: { executed: moved },
  BalanceBody: { balance: { account, balance: '25' } },
  AccountsBody: {
    page: { accounts: [{ account, balance: '25' }], next: account },
    last_page: { accounts: [] },
  },
  EntriesBody: {
    page: {
      account,
      entries: [
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
        {
          sequence: 2,
          key,
          type: 'withdrawal',
          amount: '4',
          change: '-4',
          balance: '6',
          at,
          reference: 'order 4711',
        },
      ],
      next: 2,
    },
  },
  RecordedReply: {
    executed: { key, status: 200, body: moved },
    refused: { key, status: 409, body: refusal },
    cancelled: { key, status: 409, body: problemOf('cancelled') },
  },
  Cancellation: {
    cancelled: { key, outcome: 'cancelled' },
    executed_before: { key, outcome: 'executed', reply: { status: 200, body: moved } },
    refused_before: { key, outcome: 'executed', reply: { status: 409, body: refusal } },
  },
  Health: { healthy: { status: 'ok' } },
};
