import fc from 'fast-check';
import type { Move } from '../../client/contract.ts';

/** One step of a random script over a few accounts. `pick` chooses one of the keys that were used before. */
export type Step =
  | { kind: 'call'; account: number; move: Move; amountMinor: bigint; keyAgeMs: number; gives: number[] }
  | { kind: 'again'; pick: number; change: 'nothing' | 'amount' | 'move' | 'account' }
  | { kind: 'cancel'; pick: number }
  | { kind: 'cancel_new'; account: number; keyAgeMs: number }
  | { kind: 'acknowledge'; pick: number }
  | { kind: 'balance'; account: number }
  | { kind: 'recorded'; pick: number }
  | { kind: 'archive'; account: number; count: number }
  | { kind: 'tidy'; account: number }
  | { kind: 'later'; afterMs: number };

/** Accounts that scripts are about. */
export const ACCOUNTS = 2;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const account = fc.nat(ACCOUNTS - 1);
const pick = fc.nat();
// From 6 minutes ahead of the bank's clock to 20 behind, and sometimes a month: too early, below the watermark, too old.
const keyAgeMs = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -6 * MINUTE_MS, max: 20 * MINUTE_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: 29 * DAY_MS, max: 32 * DAY_MS }) },
);
const amountMinor = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(1n, 20n) },
  { weight: 1, arbitrary: fc.bigInt(999_999_999_999_980n, 999_999_999_999_999n) },
);
const kind = <Kind extends Step['kind']>(name: Kind) => fc.constant(name);
const move = fc.constantFrom<Move>('deposit', 'withdraw');
/** Scripts of calls, retries, cancellations, acknowledgements, archiving, sweeping and jumps of the clock. */
export const scripts: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        kind: kind('call'),
        account,
        move,
        amountMinor,
        keyAgeMs,
        gives: fc.array(pick, { maxLength: 3 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: kind('again'),
        pick,
        change: fc.constantFrom('nothing', 'nothing', 'nothing', 'amount', 'move', 'account'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('cancel'), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('cancel_new'), account, keyAgeMs }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('acknowledge'), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('balance'), account }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('recorded'), pick }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: kind('archive'), account, count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('tidy'), account }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('later'),
        afterMs: fc.constantFrom(MINUTE_MS, 16 * MINUTE_MS, DAY_MS, 31 * DAY_MS, 32 * DAY_MS),
      }),
    },
  ),
  { minLength: 1, maxLength: 50 },
);
