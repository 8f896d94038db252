import type { Paint } from '../paint.ts';
import type { Counts, Tally } from './tally.ts';
import type { Difference, Verdict } from './verdict.ts';

/** How far a hammering is. */
interface Progress {
  readonly counts: Counts;
  readonly seconds: number;
}

/** What came of a hammering. */
export interface Report {
  readonly tally: Tally;
  /** How long the clients called. */
  readonly seconds: number;
  readonly verdict: Verdict;
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const rounded = (value: number) => Math.round(value * 10) / 10;

export function startText(start: {
  readonly clients: number;
  readonly seconds: number;
  readonly seed: number;
  readonly accounts: readonly string[];
}): string {
  const [first = '', ...others] = start.accounts;
  const last = others.at(-1);
  return `${start.clients} clients for ${start.seconds} s on ${last === undefined ? first : `${first} to ${last}`}, seed ${start.seed}. Ctrl-C ends it early.`;
}

export function progressText({ counts, seconds }: Progress, ofSeconds: number): string {
  const { calls, regions, unavailable, unknown } = counts;
  return [
    `${Math.floor(seconds)} s of ${ofSeconds}`,
    `${number.format(calls)} calls`,
    ...Object.entries(regions).map(([region, answered]) => `${region} ${number.format(answered)}`),
    `${number.format(unavailable)} unavailable`,
    `${number.format(unknown)} unknown`,
  ].join('  ');
}

export function progressJson({ counts, seconds }: Progress): object {
  return {
    event: 'progress',
    seconds: rounded(seconds),
    callsPerSecond: rounded(counts.calls / seconds),
    ...counts,
  };
}

export function reportJson({ tally, seconds, verdict }: Report): object {
  const { verdict: word, ...found } = verdict;
  const { counts, durations, refusals, settled } = tally;
  return {
    ...progressJson({ counts, seconds }),
    event: 'verdict',
    verdict: word,
    refusals: Object.fromEntries(refusals),
    settled,
    durationsMs: {
      half: rounded(durations.quantileMs(0.5) ?? 0),
      ninetyNineOf100: rounded(durations.quantileMs(0.99) ?? 0),
    },
    ...found,
  };
}

export function reportText({ tally, seconds, verdict }: Report, paint: Paint): string {
  const { counts, refusals, settled, durations } = tally;
  const { calls, executed, refused, unavailable, unknown, regions } = counts;
  const half = number.format(durations.quantileMs(0.5) ?? 0);
  const most = number.format(durations.quantileMs(0.99) ?? 0);
  const answered = listed(Object.entries(regions));
  return [
    `${number.format(calls)} calls in ${number.format(seconds)} s, ${number.format(calls / seconds)} a second; half of them took up to ${half} ms, 99 of 100 up to ${most} ms`,
    `${number.format(executed)} moved money; answered by: ${answered}`,
    `${number.format(refused)} refused${refused === 0 ? '' : `: ${listed([...refusals])}`}`,
    `${number.format(unavailable)} certainly not executed, as no Region could be reached`,
    `${number.format(unknown)} without an answer${unknown === 0 ? '' : `: ${listed(Object.entries(settled))}`}`,
    ...verdictLines(verdict, paint),
  ].join('\n');
}

function listed(counts: readonly (readonly [string, number])[]): string {
  return counts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name.replaceAll('_', ' ')} ${number.format(count)}`)
    .join(', ');
}

function verdictLines(verdict: Verdict, paint: Paint): readonly string[] {
  const { accounts, totalMinor, readIn, notReadIn, differences } = verdict;
  const read = readIn.length === 0 ? '' : `, read in ${readIn.join(' and ')}`;
  const unread = notReadIn.length === 0 ? [] : [`Not read in ${notReadIn.join(' and ')}: no answer.`];
  switch (verdict.verdict) {
    case 'balanced':
      return [
        ...unread,
        `${paint('good', 'The books balance:')} the executed calls come to ${totalMinor}, and so do the balances and the statements of ${accounts === 1 ? 'the account' : `the ${accounts} accounts`}${read}.`,
      ];
    case 'wrong':
      return [
        ...unread,
        paint('bad', `The books do not balance${read}:`),
        ...differences.map(differenceText),
      ];
    case 'unverified':
      return [
        ...unread,
        `${paint('warning', 'The books could not be verified:')} ${readIn.length === 0 ? 'no Region told all balances and statements' : 'some outcomes are still unknown, and their accounts were left out'}${read}.`,
      ];
  }
}

function differenceText({ account, source, region, expectedMinor, foundMinor }: Difference): string {
  const found = source === 'balance' ? 'and holds' : 'and its statement comes to';
  return `  ${account} has to hold ${expectedMinor} ${found} ${foundMinor} in ${region}`;
}
