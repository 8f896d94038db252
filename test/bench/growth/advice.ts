import { MAX_REMEMBERED_REPLIES } from '../../../functions/core/limits.ts';
import type { Conflicts, HotAccount, Range } from './hot-account.ts';

/** What to do about an account that many call, in plain sentences. */
export function adviceOn(hot: Omit<HotAccount, 'advice'>): readonly string[] {
  const { callsPerSecond, oneAtATimePerSecond, repliesInOneUnit, conflicts } = hot;
  return [
    `Let the callers of a hot account share a client, or a few: each reply is then given back with the next call, and one account takes ${rangeOf(callsPerSecond.with_next_call)} calls a second. A write takes one unit while no more than ${repliesInOneUnit} replies are on the account.`,
    `Callers who call once and fall silent leave their replies for a second and give them back by a write of their own: ${rangeOf(callsPerSecond.after_quiet)} calls a second.`,
    `Where nobody gives replies back, as with keys that callers bring and keep, they stay for 15 minutes: beyond ${rangeOf(callsPerSecond.never)} calls a second the account comes to remember ${MAX_REMEMBERED_REPLIES}, and new calls are turned away.`,
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
