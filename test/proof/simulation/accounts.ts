import type { Entry } from '../../../functions/bank/entry.ts';
import { type Accounts, FULL, type Mix, TEN } from '../calls.ts';
import type { Chance } from '../chance.ts';

/** Draws which accounts there are. The first one is everybody's payee. */
export function drawAccounts(chance: Chance, mix: Mix): Accounts {
  const common = { seldomThere: 'nil', mix };
  if (mix === 'transfers') {
    return { ...common, plain: TEN, holding: [], freezes: chance.happens(0.4) };
  }
  const others = [
    ...(chance.happens(0.8) ? ['bob'] : []),
    ...(chance.happens(0.3) ? ['eve'] : []),
    ...(chance.happens(0.2) ? [FULL] : []),
  ];
  const holding = chance.happens(0.7) ? ['joe', ...(chance.happens(0.3) ? ['kim'] : [])] : [];
  return { ...common, plain: ['ann', ...others], holding, freezes: chance.happens(0.4) };
}

/**
 * Draws an entry to refund, of any kind. A credit by an account that the checker follows is left out: the checker has to know what
 * that account gets. Most often it is one of the last entries, so that several callers refund the same call.
 */
export function drawRefunded(
  chance: Chance,
  { holding }: Accounts,
  book: readonly Entry[],
): string | undefined {
  const ofOthers = ({ body }: Entry) =>
    body.kind === 'executed' && body.asked.operation === 'credit' && !holding.includes(body.asked.from);
  const entries = book.filter((entry) => !ofOthers(entry));
  const refundable = entries.filter(
    ({ body }) => body.kind === 'executed' && REFUNDABLE.has(body.asked.operation),
  );
  const some = chance.happens(0.9) ? refundable : entries;
  const among = chance.happens(0.7) ? some.slice(-3) : some;
  return among.length === 0 ? undefined : chance.pick(among as [Entry, ...Entry[]]).key;
}

const REFUNDABLE: ReadonlySet<string> = new Set(['withdraw', 'capture', 'credit']);
