import type { Entry } from '../../infra/drill/books.ts';
import { type Invariant, judge } from '../../infra/drill/judge.ts';
import { readBalances, type VerifyParts, verify } from '../../infra/drill/verify.ts';
import { isOfGivers } from './script.ts';

type Parts = Omit<VerifyParts, 'books'>;

/**
 * Judges the books against what both Regions say. Where replies are given back nothing is retried: to the bank that has
 * forgotten a key, a call with it is a new one.
 */
export async function judgeBooks(entries: readonly Entry[], parts: Parts): Promise<Invariant[]> {
  const given = entries.filter(({ request }) => isOfGivers(request.account));
  const kept = entries.filter(({ request }) => !isOfGivers(request.account));
  const others = judge(given, await readBalances(given, parts), []);
  const promises = await verify({ ...parts, books: { entries: kept } });
  return promises.map((promise) => together(promise, others));
}

function together(promise: Invariant, others: readonly Invariant[]): Invariant {
  const other = others.find(({ name }) => name === promise.name);
  if (other === undefined) return promise;
  return {
    ...promise,
    checked: promise.checked + other.checked,
    broken: [...promise.broken, ...other.broken],
    open: [...promise.open, ...other.open],
  };
}
