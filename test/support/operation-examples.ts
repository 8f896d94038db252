import type { BankClient } from '../../client/index.ts';
import { newKey } from './keys.ts';

/** Keys of the hold of 10 and of the withdrawal of 6 that {@link openBooks} makes. */
export const [HOLD, WITHDRAWAL] = [newKey(), newKey()];

/** Makes the calls that the examples are about, and an account that they pay: `joe` has 15 then, and 10 held, in three entries. */
export async function openBooks(client: BankClient): Promise<void> {
  await client.deposit('ann', 1n);
  await client.deposit('joe', 31n);
  await client.withdraw('joe', 6n, { key: WITHDRAWAL });
  await client.hold('joe', 10n, { key: HOLD });
}

/** One call of an operation that has a key: how it is made, what is sent, and what is answered. */
export interface OperationExample {
  readonly name: string;
  readonly call: (client: BankClient, options?: { readonly key?: string }) => Promise<object>;
  /** The same call as a command. */
  readonly args: readonly [string, ...string[]];
  /** Default: POST. */
  readonly method?: string;
  readonly path: string;
  readonly body: object;
  /** What the answer says beside account, key and time. */
  readonly answer: Readonly<Record<string, string>>;
  /** Default: 4. The answer of a refund is its second entry, which gave the money. */
  readonly sequence?: number;
  /** How long after the call the hold expires, which is a member of the answer too. */
  readonly expiresInSeconds?: number;
  /** What the command prints for people. */
  readonly printed: readonly string[];
}

export const OPERATIONS: readonly OperationExample[] = [
  {
    name: 'a deposit',
    call: (client, options) => client.deposit('joe', 10n, { ...options, reference: 'wages' }),
    args: ['deposit', 'joe', '10', '--reference', 'wages'],
    path: '/accounts/joe/deposits',
    body: { amount: '10', reference: 'wages' },
    answer: { balance: '25' },
    printed: ['25'],
  },
  {
    name: 'a withdrawal',
    call: (client, options) => client.withdraw('joe', 10, options),
    args: ['withdraw', 'joe', '10'],
    path: '/accounts/joe/withdrawals',
    body: { amount: '10' },
    answer: { balance: '5' },
    printed: ['5'],
  },
  {
    name: 'a transfer',
    call: (client, options) => client.transfer('joe', 'ann', 10n, { ...options, reference: 'rent' }),
    args: ['transfer', 'joe', 'ann', '10', '--reference', 'rent'],
    path: '/accounts/joe/transfers/ann',
    body: { amount: '10', reference: 'rent' },
    answer: { balance: '5', to: 'ann' },
    printed: ['5'],
  },
  {
    name: 'a hold',
    call: (client, options) => client.hold('joe', 5n, options),
    args: ['hold', 'joe', '5'],
    path: '/accounts/joe/holds',
    body: { amount: '5' },
    answer: { balance: '10', held: '15' },
    expiresInSeconds: 7 * 24 * 3_600,
    printed: ['10 (15 held)'],
  },
  {
    name: 'a hold of an hour',
    call: (client, options) =>
      client.hold('joe', 5n, { ...options, expiresInSeconds: 3_600, reference: 'hotel' }),
    args: ['hold', 'joe', '5', '--expires', '1h', '--reference', 'hotel'],
    path: '/accounts/joe/holds',
    body: { amount: '5', expiresInSeconds: 3_600, reference: 'hotel' },
    answer: { balance: '10', held: '15' },
    expiresInSeconds: 3_600,
    printed: ['10 (15 held)'],
  },
  {
    name: 'a capture',
    call: (client, options) => client.capture('joe', HOLD.toUpperCase(), options),
    args: ['capture', 'joe', HOLD],
    path: `/accounts/joe/holds/${HOLD}/captures`,
    body: {},
    answer: { balance: '15', held: '0', hold: HOLD, amount: '10' },
    printed: ['15'],
  },
  {
    name: 'a capture of a part',
    call: (client, options) =>
      client.capture('joe', HOLD, { ...options, amount: 4, final: false, reference: 'breakfast' }),
    args: ['capture', 'joe', HOLD, '4', '--keep', '--reference', 'breakfast'],
    path: `/accounts/joe/holds/${HOLD}/captures`,
    body: { amount: '4', final: false, reference: 'breakfast' },
    answer: { balance: '15', held: '6', hold: HOLD, amount: '4' },
    printed: ['15 (6 held)'],
  },
  {
    name: 'a capture for another account',
    call: (client, options) => client.capture('joe', HOLD, { ...options, to: 'ann' }),
    args: ['capture', 'joe', HOLD, '--to', 'ann'],
    path: `/accounts/joe/holds/${HOLD}/captures/ann`,
    body: {},
    // Held until the payee has it.
    answer: { balance: '15', held: '10', hold: HOLD, amount: '10', to: 'ann' },
    printed: ['15 (10 held)'],
  },
  {
    name: 'a void',
    call: (client, options) => client.void('joe', HOLD, { ...options, reference: 'no show' }),
    args: ['void', 'joe', HOLD, '--reference', 'no show'],
    path: `/accounts/joe/holds/${HOLD}/voids`,
    body: { reference: 'no show' },
    answer: { balance: '25', held: '0', hold: HOLD, amount: '10' },
    printed: ['25'],
  },
  {
    name: 'a refund of a part',
    call: (client, options) =>
      client.refund('joe', WITHDRAWAL.toUpperCase(), { ...options, amount: 2, reference: 'broken' }),
    args: ['refund', 'joe', WITHDRAWAL, '2', '--reference', 'broken'],
    path: `/accounts/joe/refunds/${WITHDRAWAL}`,
    body: { amount: '2', reference: 'broken' },
    answer: { balance: '17', call: WITHDRAWAL, amount: '2' },
    sequence: 5,
    printed: ['17'],
  },
  {
    name: 'a change of status',
    call: (client, options) =>
      client.setStatus('joe', { debits: 'frozen' }, { ...options, reference: 'case 7' }),
    args: ['status', 'joe', '--debits', 'frozen', '--reference', 'case 7'],
    method: 'PUT',
    path: '/accounts/joe/status',
    body: { debits: 'frozen', reference: 'case 7' },
    answer: { balance: '15', debits: 'frozen' },
    printed: ['15', 'frozen for debits'],
  },
];
