import { KEPT_ENTRIES } from '../../../functions/bank/limits.ts';
import type { Conflicts, HotAccount, Range } from './hot-account.ts';

/** What to do about an account that many call, in plain sentences. */
export function adviceOn(hot: Omit<HotAccount, 'advice'>): readonly string[] {
  const { callsPerSecond, oneAtATimePerSecond, conflicts } = hot;
  return [
    `One account takes ${rangeOf(callsPerSecond)} calls a second: each write pays for the whole head, which holds ${2 * KEPT_ENTRIES} entries and those that come while a page is turned.`,
    `Have all callers of a hot account name the same Region first. ${conflicts.map(conflictSentence).join(' ')}`,
    'Split what need not be one balance: sub-accounts have different keys, so each may take as much. A withdrawal then has to choose one, and the whole is the sum of several reads.',
    `Measure on AWS before you rely on any of this. Whether DynamoDB takes the next write of an item before the last one has reached another Region is not documented; if it does not, an account takes ${rangeOf(oneAtATimePerSecond)} calls a second, whatever else is done.`,
  ];
}

function rangeOf({ least, most }: Range): string {
  const [from, to] = [text(least), text(most)];
  return from === to ? from : `${from} to ${to}`;
}

function text(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function conflictSentence({ otherWritesPerSecond, rejected, unanswered }: Conflicts): string {
  return `With ${writes(otherWritesPerSecond)} a second in the other Region about ${percent(rejected)} of the attempts would be turned away, and ${percent(unanswered)} of the calls with their last attempt.`;
}

function writes(count: number): string {
  return count === 1 ? '1 write' : `${count} writes`;
}

function percent(part: number): string {
  return part < 0.005 ? 'hardly any' : `${(part * 100).toFixed(0)}%`;
}
