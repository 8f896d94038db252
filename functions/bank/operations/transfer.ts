import { hasRoom } from './deposit.ts';
import { type Planner, ROOM_FOR_TRANSFER } from './operation.ts';
import { hasMoney } from './withdraw.ts';

/** Begins a transfer: the money is held until the payee has it. `../complete-transfer.ts` makes the remaining writes. */
export const transfer: Planner<'transfer'> = (asked, { key, nowMs, mayRetry }) => {
  const { amountMinor, to, reference } = asked;
  const mark = { kind: 'transfer', to, amountMinor, startedMs: nowMs, mayRetry, reference } as const;
  return {
    kind: 'effect',
    changeMinor: -amountMinor,
    heldChangeMinor: amountMinor,
    requires: [...hasMoney(amountMinor), ROOM_FOR_TRANSFER],
    marks: [{ key, before: undefined, after: mark }],
  };
};

/** Adds the money of a transfer to the payee's account, which must exist. */
export const credit: Planner<'credit'> = ({ amountMinor }) => ({
  kind: 'effect',
  changeMinor: amountMinor,
  heldChangeMinor: 0n,
  requires: [
    { kind: 'exists', refusal: 'no_such_destination' },
    { kind: 'not_frozen', side: 'credits', refusal: 'destination_frozen' },
    hasRoom(amountMinor),
  ],
});
