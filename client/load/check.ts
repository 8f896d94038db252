import type { Outcome } from './call.ts';
import { type CallRecord, finalOutcome, isFinal, isMove, type MoveRecord } from './ledger.ts';
import { changeOf, type StatementFindings } from './statement.ts';

/** A promise of the bank, and whether it was kept. */
export interface Check {
  readonly name: string;
  readonly says: string;
  /** Number of things that were compared. */
  readonly checked: number;
  /** Where it was not kept, each in words. */
  readonly broken: readonly string[];
  /** What could not be found out, each in words. */
  readonly open: readonly string[];
}

/** What a Region says of an account; undefined where it did not answer. */
export interface AccountRead {
  readonly account: string;
  readonly region: string;
  readonly balance: Outcome | undefined;
  readonly statement: StatementFindings | undefined;
}

/** What a key was answered when its call was made once more; undefined when it was not answered. */
export interface Retried {
  readonly record: MoveRecord;
  readonly outcome: Outcome | undefined;
}

/** True when something was compared, and all of it was as it has to be. */
export function isKept({ checked, broken, open }: Pick<Check, 'checked' | 'broken' | 'open'>): boolean {
  return checked > 0 && broken.length === 0 && open.length === 0;
}

/** Compares what callers were answered with what the Regions say now, and with what retries are answered. */
export function check(
  records: readonly CallRecord[],
  reads: readonly AccountRead[],
  retries: readonly Retried[],
): readonly Check[] {
  const accounts = [...groupByAccount(records)].map(([account, its]) => sumUp(account, its));
  const answers = accounts.reduce((sum, each) => sum + each.answers, 0);
  const refused = retries.filter(({ record }) => finalOutcome(record).kind === 'refused');
  const wasRefused = records.some((record) => isMove(record) && isFinalRefusal(finalOutcome(record)));
  return [
    {
      name: 'I1',
      says: 'no balance was below zero',
      checked: answers,
      broken: accounts.flatMap(({ belowZero }) => belowZero),
      open: [],
    },
    {
      name: 'I2',
      says: 'in each Region the balance of every account is its executed deposits less its withdrawals',
      ...compareBalances(accounts, reads),
    },
    {
      name: 'I3',
      says: 'the answers lead from 0 to that balance without a gap: nothing else was executed',
      checked: answers,
      broken: accounts.flatMap(({ gaps }) => gaps),
      open: accounts.flatMap(inDoubt),
    },
    {
      name: 'I4',
      says: 'a retry through another Region is given the same reply',
      ...compareReplies(retries.filter((each) => !refused.includes(each))),
    },
    // Where nothing was refused there is nothing to retry.
    ...(wasRefused
      ? [{ name: 'I4r', says: 'a retry of a refused call is refused again', ...compareReplies(refused) }]
      : []),
    {
      name: 'statement',
      says: 'in each Region the statement of every account has each recorded call once, and nothing else, and adds up',
      ...collectStatements(reads),
    },
  ];
}

export function groupByAccount(records: readonly CallRecord[]): ReadonlyMap<string, readonly CallRecord[]> {
  const accounts = new Map<string, CallRecord[]>();
  for (const record of records) {
    const its = accounts.get(record.call.account);
    if (its === undefined) {
      accounts.set(record.call.account, [record]);
    } else {
      its.push(record);
    }
  }
  return accounts;
}

/** What the executed calls come to; undefined when none was executed, so that there is no such account. */
export function balanceOf(records: readonly CallRecord[]): bigint | undefined {
  const executed = records.filter(isMove).filter((record) => finalOutcome(record).kind === 'executed');
  return executed.length === 0 ? undefined : executed.reduce((sum, record) => sum + changeOf(record), 0n);
}

/** What the answers say of one account. */
interface Account {
  readonly account: string;
  readonly balanceMinor: bigint | undefined;
  /** Calls that may have been executed. As long as there are any, the balance is not known. */
  readonly unknown: number;
  /** Balances that were answered. */
  readonly answers: number;
  readonly belowZero: readonly string[];
  readonly gaps: readonly string[];
}

/** An executed call leads from one balance to another. */
interface Step {
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
}

function sumUp(account: string, records: readonly CallRecord[]): Account {
  const steps = records.flatMap(stepOf);
  const reads = records.flatMap((record) => {
    const outcome = finalOutcome(record);
    return !isMove(record) && outcome.kind === 'executed' ? [outcome.balanceMinor] : [];
  });
  const unknown = records.filter((record) => isMove(record) && finalOutcome(record).kind === 'unknown');
  const balances = [...steps.flatMap(({ fromMinor, toMinor }) => [fromMinor, toMinor]), ...reads];
  return {
    account,
    balanceMinor: balanceOf(records),
    unknown: unknown.length,
    answers: steps.length + reads.length,
    belowZero: balances.filter((each) => each < 0n).map((each) => `${account}: ${each}`),
    gaps: unknown.length > 0 ? [] : gapsOf(account, steps, reads),
  };
}

function stepOf(record: CallRecord): Step[] {
  const outcome = finalOutcome(record);
  if (!isMove(record) || outcome.kind !== 'executed') {
    return [];
  }
  return [{ fromMinor: outcome.balanceMinor - changeOf(record), toMinor: outcome.balanceMinor }];
}

/**
 * Looks for what is missing between the answers. In whatever order they came, they lead from 0 to the balance in one walk: each
 * begins at a balance where another one ended, and can be reached from 0. A gap proves that something was executed without an
 * answer. Without a gap nothing is proved: a walk that comes back to the balance at which something was executed once more
 * hangs together without it. So the balances and statements of the Regions are compared as well.
 */
function gapsOf(account: string, steps: readonly Step[], reads: readonly bigint[]): string[] {
  /** By how many more answers lead to a balance than lead on from it. */
  const surplus = new Map<bigint, number>([[0n, 1]]);
  for (const { fromMinor, toMinor } of steps) {
    surplus.set(fromMinor, (surplus.get(fromMinor) ?? 0) - 1);
    surplus.set(toMinor, (surplus.get(toMinor) ?? 0) + 1);
  }
  const reached = reachedFrom(0n, steps);
  const gaps = [...surplus].filter(([atMinor, more]) => more < 0 || !reached.has(atMinor));
  const invented = reads.filter((readMinor) => !surplus.has(readMinor));
  return [
    ...gaps.map(([atMinor]) => `${account}: the answers do not lead to ${atMinor}, where one begins or ends`),
    ...invented.map(
      (readMinor) => `${account}: the balance ${readMinor} was answered, and no call leads to it`,
    ),
  ];
}

function reachedFrom(startMinor: bigint, steps: readonly Step[]): ReadonlySet<bigint> {
  const next = new Map<bigint, bigint[]>();
  for (const { fromMinor, toMinor } of steps) {
    next.set(fromMinor, [...(next.get(fromMinor) ?? []), toMinor]);
  }
  const reached = new Set([startMinor]);
  // A set hands out what is added while it is walked through.
  for (const atMinor of reached) {
    for (const toMinor of next.get(atMinor) ?? []) {
      reached.add(toMinor);
    }
  }
  return reached;
}

type Comparison = Pick<Check, 'checked' | 'broken' | 'open'>;

function compareBalances(accounts: readonly Account[], reads: readonly AccountRead[]): Comparison {
  const broken: string[] = [];
  const open: string[] = [];
  const byName = new Map(accounts.map((each) => [each.account, each]));
  for (const { account, region, balance } of reads) {
    const expected = byName.get(account);
    const found = readBalance(balance);
    const expectedMinor = expected?.balanceMinor ?? 'no account';
    if (expected !== undefined && expected.unknown > 0) {
      open.push(...inDoubt(expected));
    } else if (found === undefined) {
      open.push(`${account} in ${region}: no answer`);
    } else if (found !== expectedMinor) {
      broken.push(`${account} in ${region}: ${found} instead of ${expectedMinor}`);
    }
  }
  return { checked: reads.length, broken, open };
}

function inDoubt({ account, unknown }: Account): string[] {
  return unknown === 0 ? [] : [`${account}: ${unknown} outcomes are unknown`];
}

function readBalance(outcome: Outcome | undefined): bigint | 'no account' | undefined {
  if (outcome?.kind === 'executed') {
    return outcome.balanceMinor;
  }
  return outcome?.kind === 'refused' && outcome.code === 'no_such_account' ? 'no account' : undefined;
}

function compareReplies(retries: readonly Retried[]): Comparison {
  const broken: string[] = [];
  const open: string[] = [];
  for (const { record, outcome } of retries) {
    const where = `${record.call.account} ${record.key}`;
    const first = finalOutcome(record);
    if (outcome === undefined) {
      open.push(`${where}: no answer`);
    } else if (!isSameReply(first, outcome)) {
      broken.push(`${where}: ${formatReply(outcome)} instead of ${formatReply(first)}`);
    }
  }
  return { checked: retries.length, broken, open };
}

function isSameReply(first: Outcome, again: Outcome): boolean {
  if (first.kind === 'executed' && again.kind === 'executed') {
    return (
      first.balanceMinor === again.balanceMinor &&
      (first.sequence ?? again.sequence) === (again.sequence ?? first.sequence)
    );
  }
  return formatReply(first) === formatReply(again);
}

function formatReply(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'executed': {
      const { balanceMinor, sequence } = outcome;
      return `executed ${balanceMinor}${sequence === undefined ? '' : ` as entry ${sequence}`}`;
    }
    case 'refused':
      // Who cancels a key is not given the words that its caller is given.
      return outcome.code === 'cancelled' ? 'cancelled' : `${outcome.code} "${outcome.detail}"`;
    case 'not_executed':
    case 'unknown':
      return outcome.kind;
  }
}

function isFinalRefusal(outcome: Outcome): boolean {
  return outcome.kind === 'refused' && isFinal(outcome);
}

function collectStatements(reads: readonly AccountRead[]): Comparison {
  return {
    checked: reads.reduce((sum, { statement }) => sum + (statement?.checked ?? 0), 0),
    broken: reads.flatMap(({ account, region, statement }) =>
      (statement?.broken ?? []).map((each) => `${account} in ${region}: ${each}`),
    ),
    open: reads.flatMap(({ account, region, statement }) =>
      statement === undefined ? [`${account} in ${region}: no answer`] : [],
    ),
  };
}
