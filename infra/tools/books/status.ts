import { type Head, statusAfter } from '../../../functions/bank/book.ts';
import type { Asked, EntryBody, Status } from '../../../functions/bank/entry.ts';
import { PROTOCOL_VERSION } from '../../../functions/bank/limits.ts';
import type { AddFault } from './verdict.ts';

/** The status of an account and the version that may write it, as they follow from its entries. The head must say the same. */
export type Standing = Status & Pick<Head, 'needs'>;

export const OPEN: Standing = { debits: 'open', credits: 'open', needs: 1 };

type Side = keyof Status;

/**
 * The side of an account through which a call moves money; a refund uses one of two. Calls that give money back, or that end a hold or a
 * transfer, need no open side.
 */
export const SIDES: Readonly<Record<Asked['operation'], readonly Side[]>> = {
  deposit: ['credits'],
  withdraw: ['debits'],
  transfer: ['debits'],
  credit: ['credits'],
  hold: ['debits'],
  capture: ['debits'],
  refund: ['credits', 'debits'],
  void: [],
  setStatus: [],
  reserve: [],
  unreserve: [],
};

/** The frozen side through which an entry moved money, if any. */
export function frozenSideOf(body: EntryBody, standing: Standing): Side | undefined {
  if (body.kind !== 'executed') {
    return undefined;
  }
  const { asked, terms } = body;
  const [incoming, outgoing = incoming] = SIDES[asked.operation];
  const side = terms?.to === undefined ? incoming : outgoing;
  return side !== undefined && standing[side] === 'frozen' ? side : undefined;
}

/** The standing after an entry. */
export function standingAfter(body: EntryBody, standing: Standing): Standing {
  if (body.kind !== 'executed' || body.asked.operation !== 'setStatus') {
    return standing;
  }
  const { status, needs } = statusAfter(body.asked, { status: standing, needs: standing.needs });
  return { ...status, needs };
}

/** Checks the status of a head, and the version that it needs, against its book. `standing` is undefined if the book's is unknown. A later version may be needed for other reasons. */
export function checkStatus(
  { status, needs }: Head,
  standing: Standing | undefined,
  addFault: AddFault,
): void {
  if (standing === undefined) {
    return;
  }
  for (const side of ['debits', 'credits'] as const) {
    if (status[side] !== standing[side]) {
      addFault('status_wrong', `${side} are ${status[side]}, and the book has them ${standing[side]}`);
    }
  }
  if (needs !== standing.needs && needs <= PROTOCOL_VERSION) {
    addFault(
      'status_wrong',
      `the head needs version ${needs} of the protocol, and its book ${standing.needs}`,
    );
  }
}
