import type { Entry, Outcome } from './books.ts';
import type { Sampled } from './sample.ts';
import { type Statement, statementsOf } from './statement.ts';

/** A promise of the bank, and whether it was kept. */
export interface Invariant {
  readonly name: 'I1' | 'I2' | 'I3' | 'I4' | 'I4r';
  readonly says: string;
  /** How many times it was looked at. */
  readonly checked: number;
  /** Where it was not kept, each in words. */
  readonly broken: readonly string[];
  /** What could not be looked at, each in words. */
  readonly open: readonly string[];
}

/** What a Region says of an account's balance; undefined when it did not answer. */
export interface BalanceRead {
  readonly account: string;
  readonly region: string;
  readonly outcome: Outcome | undefined;
}

/** What a key was answered by another Region than the one that had answered it; undefined when that did not answer. */
export interface Retried {
  readonly sampled: Sampled;
  readonly outcome: Outcome | undefined;
}

/** Judges what the books say against what the Regions say. */
export function judge(
  entries: readonly Entry[],
  reads: readonly BalanceRead[],
  retries: readonly Retried[],
): readonly Invariant[] {
  const statements = statementsOf(entries);
  const unsettled = statements
    .filter(({ unknown }) => unknown > 0)
    .map(({ account, unknown }) => `${account}: ${unknown} outcomes are unknown`);
  const told = statements.reduce((sum, statement) => sum + statement.told, 0);
  const executed = retries.filter(({ sampled }) => sampled.outcome.kind === 'executed');
  const refused = retries.filter(({ sampled }) => sampled.outcome.kind === 'refused');
  return [
    {
      name: 'I1',
      says: 'no balance was ever below zero',
      checked: told,
      broken: statements.flatMap(({ belowZero }) => belowZero),
      open: [],
    },
    {
      name: 'I2',
      says: 'nothing took effect once more: in both Regions the balance is what was deposited less what was withdrawn',
      ...compareBalances(statements, reads),
    },
    {
      name: 'I3',
      says: 'nothing took effect in between: the replies lead from 0 to that balance without a gap',
      checked: told,
      broken: statements.flatMap(({ gaps }) => gaps),
      open: unsettled,
    },
    {
      name: 'I4',
      says: 'a retry through the other Region is given the same reply',
      ...compareReplies(executed),
    },
    { name: 'I4r', says: 'and what was refused stays refused', ...compareReplies(refused) },
  ];
}

/** True when it was looked at and kept, everywhere. Where there was nothing to look at, nothing was broken. */
export function isKept({ broken, open }: Invariant): boolean {
  return broken.length === 0 && open.length === 0;
}

type Comparison = Pick<Invariant, 'checked' | 'broken' | 'open'>;

function compareBalances(statements: readonly Statement[], reads: readonly BalanceRead[]): Comparison {
  const broken: string[] = [];
  const open: string[] = [];
  const expected = new Map(statements.map((statement) => [statement.account, statement]));
  for (const { account, region, outcome } of reads) {
    const { balanceMinor, unknown = 0 } = expected.get(account) ?? {};
    const there = balanceOf(outcome);
    if (unknown > 0) open.push(`${account}: ${unknown} outcomes are unknown`);
    else if (there === undefined) open.push(`${account} in ${region}: no answer`);
    else if (there !== (balanceMinor ?? 'no account')) {
      broken.push(`${account} in ${region}: ${there} instead of ${balanceMinor ?? 'no account'}`);
    }
  }
  return { checked: reads.length, broken, open };
}

function balanceOf(outcome: Outcome | undefined): bigint | 'no account' | undefined {
  if (outcome?.kind === 'told') return outcome.balanceMinor;
  return outcome?.kind === 'refused' && outcome.code === 'no_such_account' ? 'no account' : undefined;
}

function compareReplies(retries: readonly Retried[]): Comparison {
  const broken: string[] = [];
  const open: string[] = [];
  for (const { sampled, outcome } of retries) {
    const { account, key } = sampled.request;
    if (outcome === undefined) open.push(`${account} ${key}: no answer`);
    else if (inWords(outcome) !== inWords(sampled.outcome)) {
      broken.push(`${account} ${key}: ${inWords(outcome)} instead of ${inWords(sampled.outcome)}`);
    }
  }
  return { checked: retries.length, broken, open };
}

/** Everything that a reply says, on one line. */
function inWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'executed':
    case 'told':
      return `${outcome.kind} ${outcome.balanceMinor}`;
    case 'refused':
      // Whoever cancels a key is not told the words that its caller is told.
      return outcome.code === 'cancelled' ? 'cancelled' : `${outcome.code} "${outcome.detail}"`;
    case 'not_executed':
    case 'unknown':
      return outcome.kind;
  }
}
