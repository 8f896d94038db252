import fc from 'fast-check';
import type { Asked } from '../../functions/bank/entry.ts';
import { captureOf, refundOf, transferOf, voidOf } from '../support/asked.ts';

export const DAY_MS = 24 * 60 * 60_000;

const amounts = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.constant(999_999_999_999_990) },
);
const reference = fc.option(fc.stringMatching(/^[!-~]([ -~]{0,8}[!-~])?$/), { nil: undefined, freq: 4 });
const amountMinor = amounts.map(BigInt);
const side = fc.oneof(
  { weight: 4, arbitrary: fc.constant('open' as const) },
  fc.constantFrom('frozen' as const, undefined),
);

/** Makes a call for the names of a test: its hold is one of the last ones, by number; its payee is one of four accounts, or none. */
type MakeCall = (names: {
  readonly hold: (pick: number) => string;
  readonly payee: (pick: number) => string;
  readonly call: (pick: number) => string;
}) => Asked;

/** A call that is the same whatever the names are. */
const fixed = (asked: fc.Arbitrary<Asked>) =>
  asked.map(
    (each): MakeCall =>
      () =>
        each,
  );
const pick = fc.nat();
const optionalAmount = fc.option(amountMinor, { nil: undefined });

const calls: fc.Arbitrary<MakeCall> = fc.oneof(
  {
    weight: 5,
    arbitrary: fixed(
      fc.record({ amountMinor, reference, mustExist: fc.boolean(), operation: fc.constant('deposit') }),
    ),
  },
  { weight: 4, arbitrary: fixed(fc.record({ amountMinor, reference, operation: fc.constant('withdraw') })) },
  {
    weight: 4,
    arbitrary: fc.tuple(pick, amountMinor, reference).map(
      ([to, amount, words]): MakeCall =>
        ({ payee }) =>
          transferOf(payee(to), amount, words),
    ),
  },
  {
    weight: 5,
    arbitrary: fixed(
      fc.record({
        ...{ amountMinor, reference, operation: fc.constant('hold') },
        expiresInSeconds: fc.constantFrom(1, 60, 86_400),
      }),
    ),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(pick, fc.option(pick, { nil: undefined }), optionalAmount, fc.boolean(), reference)
      .map(
        ([of, to, amount, isFinal, words]): MakeCall =>
          ({ hold, payee }) =>
            captureOf(hold(of), {
              ...{ amountMinor: amount, isFinal, reference: words },
              to: to === undefined ? undefined : payee(to),
            }),
      ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(pick, reference).map(
      ([of, words]): MakeCall =>
        ({ hold }) => ({
          ...voidOf(hold(of)),
          reference: words,
        }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(pick, optionalAmount, reference).map(
      ([of, amount, words]): MakeCall =>
        ({ call }) => ({
          ...refundOf(call(of), amount),
          reference: words,
        }),
    ),
  },
  {
    weight: 2,
    arbitrary: fixed(
      fc.record({ debits: side, credits: side, reference, operation: fc.constant('setStatus') }),
    ),
  },
);

const kind = <Kind extends string>(name: Kind) => fc.constant(name);
/** What happens to an account and its payees, one after the other. */
export const steps = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        kind: kind('call'),
        makeCall: calls,
        /** The first write that is not made: the function dies there. */
        diesAt: fc.option(fc.integer({ min: 2, max: 4 }), { nil: undefined, freq: 6 }),
        ageMs: fc.constantFrom(0, 0, 0, 60_000, 10 * DAY_MS, 31 * DAY_MS),
        mayRetry: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: kind('again'), pick }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('other'), pick, makeCall: calls }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('cancel'), pick }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('cancel_new'), ageMs: fc.constantFrom(0, 20 * DAY_MS) }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('outcome'), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('acknowledge'), pick }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('sweep') }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('later'), ms: fc.constantFrom(1000, 60_000, DAY_MS) }) },
  ),
  { minLength: 30, maxLength: 120 },
);
