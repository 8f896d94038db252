import { type Entry, isMove, lastOutcome, type MoveRequest, type Outcome } from './books.ts';
import { isForGood } from './settle.ts';

/** A call to ask about once more, and what it was answered. */
export interface Sampled {
  readonly request: MoveRequest;
  readonly outcome: Outcome;
  readonly region: string | undefined;
}

const MAX_TROUBLED = 500;
const MAX_EXECUTED = 40;
const MAX_REFUSED = 10;

/**
 * Chooses calls whose keys are to be retried: those that had trouble, which is where a bank would go wrong, and some of
 * those that had none. Calls without an answer for good are left alone, since a retry could be the first to execute them.
 */
export function sampleOf(entries: readonly Entry[], chance: () => number): readonly Sampled[] {
  const candidates = shuffled(entries, chance).flatMap((entry) => {
    const { request, region, failedOver, settled } = entry;
    const outcome = lastOutcome(entry);
    return isMove(request) && isForGood(outcome)
      ? [{ request, outcome, region, isTroubled: failedOver || settled !== undefined }]
      : [];
  });
  const smooth = candidates.filter(({ isTroubled }) => !isTroubled);
  return [
    ...candidates.filter(({ isTroubled }) => isTroubled).slice(0, MAX_TROUBLED),
    ...smooth.filter(({ outcome }) => outcome.kind === 'executed').slice(0, MAX_EXECUTED),
    ...smooth.filter(({ outcome }) => outcome.kind === 'refused').slice(0, MAX_REFUSED),
  ];
}

function shuffled<Item>(items: readonly Item[], chance: () => number): Item[] {
  return items
    .map((item) => ({ item, place: chance() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
