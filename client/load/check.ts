import { isRecorded } from '../contract/problems.ts';
import { type Account, groupByAccount, sumUp } from './accounts.ts';
import { type Answer, type CallOutcome, isPlain } from './call.ts';
import { type CallRecord, finalOutcome, isFinalOutcome, isMove, type MoveRecord } from './ledger.ts';
import type { Money } from './money.ts';
import { totalOf } from './report.ts';
import type { StatementFindings } from './statement.ts';

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
  readonly balance: CallOutcome | undefined;
  readonly statement: StatementFindings | undefined;
}

/** What a key was answered when its call was made once more; undefined when it was not answered. */
export interface Retried {
  readonly record: MoveRecord;
  readonly answer: Pick<Answer, 'outcome' | 'replayed'> | undefined;
  /** It went through another endpoint than the one that had answered. */
  readonly elsewhere: boolean;
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
  const executed = retries.filter((each) => !refused.includes(each));
  const finals = records.filter(isMove).map(finalOutcome).filter(isFinalOutcome);
  const checks = [
    {
      name: 'I1',
      says: 'no balance was below zero',
      checked: answers,
      broken: accounts.flatMap(({ belowZero }) => belowZero),
      open: [],
    },
    {
      name: 'I2',
      says: 'in each Region the balance of every account, and what is held of it, is what its executed calls come to',
      ...compareBalances(accounts, reads),
    },
    {
      name: 'I3',
      says: 'where money was only deposited and withdrawn, the answers lead from 0 to that balance without a gap: nothing else was executed',
      checked: accounts.reduce((sum, each) => sum + each.walked, 0),
      broken: accounts.flatMap(({ gaps }) => gaps),
      open: accounts.flatMap(inDoubt),
    },
    {
      name: 'I4',
      says: `a retry${throughOf(executed)} is given the same reply, from the record`,
      ...compareReplies(executed),
    },
    {
      name: 'I4r',
      says: `a retry of a refused call${throughOf(refused)} is refused again, from the record`,
      ...compareReplies(refused),
    },
    {
      name: 'I10',
      says: 'in each Region all that is in the accounts and held of them is what was deposited less what left the bank',
      ...compareTotals(records, accounts, reads),
    },
    {
      name: 'statement',
      says: 'in each Region the statement of every account has each recorded call once, and nothing else, and adds up',
      ...collectStatements(reads),
    },
  ];
  // Where nothing was executed or refused there is nothing to retry, and so on. But of no call at all, nothing is known.
  const hasSubject: Readonly<Record<string, boolean>> = {
    I4: finals.some(({ kind }) => kind === 'executed'),
    I4r: finals.some(({ kind }) => kind === 'refused'),
    statement: finals.length > 0,
  };
  return checks.filter(
    ({ name, checked, broken, open }) =>
      checked + broken.length + open.length > 0 ||
      name === 'I2' ||
      hasSubject[name] === true ||
      records.length === 0,
  );
}

/** Where retries went, for a sentence. */
function throughOf(retries: readonly Retried[]): string {
  return retries.every(({ elsewhere }) => elsewhere)
    ? ' through another Region'
    : ', through the Region that had answered where no other one answers,';
}

type Comparison = Pick<Check, 'checked' | 'broken' | 'open'>;

function compareBalances(accounts: readonly Account[], reads: readonly AccountRead[]): Comparison {
  const broken: string[] = [];
  const open: string[] = [];
  const byName = new Map(accounts.map((each) => [each.account, each]));
  for (const { account, region, balance } of reads) {
    const expected = byName.get(account);
    const found = readMoney(balance);
    const expectedMoney = expected?.money ?? 'no account';
    if (expected !== undefined && expected.unknown > 0) {
      open.push(...inDoubt(expected));
    } else if (found === undefined) {
      const code = balance?.kind === 'refused' ? balance.code.replaceAll('_', ' ') : 'no answer';
      open.push(`${account} in ${region}: ${code}`);
    } else if (formatMoney(found) !== formatMoney(expectedMoney)) {
      broken.push(`${account} in ${region}: ${formatMoney(found)} instead of ${formatMoney(expectedMoney)}`);
    }
  }
  return { checked: reads.length, broken, open };
}

function inDoubt({ account, unknown }: Account): string[] {
  return unknown === 0 ? [] : [`${account}: ${unknown} outcomes are unknown`];
}

function readMoney(outcome: CallOutcome | undefined): Money | 'no account' | undefined {
  if (outcome?.kind === 'executed') {
    return { balanceMinor: outcome.balanceMinor, heldMinor: outcome.heldMinor ?? 0n };
  }
  return outcome?.kind === 'refused' && outcome.code === 'no_such_account' ? 'no account' : undefined;
}

function formatMoney(money: Money | 'no account'): string {
  if (money === 'no account') {
    return money;
  }
  return money.heldMinor === 0n
    ? String(money.balanceMinor)
    : `${money.balanceMinor} and ${money.heldMinor} held`;
}

/** Transfers and holds make no money and lose none. Says nothing of a Region in which a balance could not be read. */
function compareTotals(
  records: readonly CallRecord[],
  accounts: readonly Account[],
  reads: readonly AccountRead[],
): Comparison {
  const isKnown = accounts.every(({ unknown }) => unknown === 0);
  const isMoved = !records.every(({ call }) => isPlain(call));
  const expectedMinor = totalOf(records);
  const regions = isKnown && isMoved ? [...new Set(reads.map(({ region }) => region))] : [];
  const totals = regions.flatMap((region) => {
    const money = reads.filter((read) => read.region === region).map(({ balance }) => readMoney(balance));
    const totalMinor = money.reduce(
      (sum, each) => (typeof each === 'object' ? sum + each.balanceMinor + each.heldMinor : sum),
      0n,
    );
    return money.includes(undefined) ? [] : [{ region, totalMinor }];
  });
  const wrong = totals.filter(({ totalMinor }) => totalMinor !== expectedMinor);
  return {
    checked: totals.length,
    broken: wrong.map(({ region, totalMinor }) => `${region}: ${totalMinor} instead of ${expectedMinor}`),
    open: [],
  };
}

function compareReplies(retries: readonly Retried[]): Comparison {
  const broken: string[] = [];
  const open: string[] = [];
  for (const { record, answer } of retries) {
    const where = `${record.call.account} ${record.key}`;
    const first = finalOutcome(record);
    if (answer === undefined) {
      open.push(`${where}: no answer`);
    } else if (!isSameReply(first, answer.outcome)) {
      broken.push(`${where}: ${formatReply(answer.outcome)} instead of ${formatReply(first)}`);
    } else if (!answer.replayed && isReplayable(answer.outcome)) {
      // Nothing was recorded until then: what the first call did was lost.
      const what = first.kind === 'executed' ? 'executed again' : 'refused again, and not from the record';
      broken.push(`${where}: the retry was ${what}`);
    }
  }
  return { checked: retries.length, broken, open };
}

function isSameReply(first: CallOutcome, again: CallOutcome): boolean {
  if (first.kind === 'executed' && again.kind === 'executed') {
    return (
      first.balanceMinor === again.balanceMinor &&
      first.heldMinor === again.heldMinor &&
      first.amountMinor === again.amountMinor &&
      (first.sequence ?? again.sequence) === (again.sequence ?? first.sequence)
    );
  }
  return formatReply(first) === formatReply(again);
}

function formatReply(outcome: CallOutcome): string {
  switch (outcome.kind) {
    case 'executed': {
      const { balanceMinor, heldMinor, amountMinor, sequence } = outcome;
      const words = [
        `executed ${balanceMinor}`,
        ...(heldMinor === undefined ? [] : [`and ${heldMinor} held`]),
        ...(amountMinor === undefined ? [] : [`of ${amountMinor}`]),
        ...(sequence === undefined ? [] : [`as entry ${sequence}`]),
      ];
      return words.join(' ');
    }
    case 'refused':
      // The answer to a cancellation has no `detail`, and that to the call has one.
      return outcome.code === 'cancelled' ? 'cancelled' : `${outcome.code} "${outcome.detail}"`;
    case 'not_executed':
    case 'unknown':
      return outcome.kind;
  }
}

/** True for an outcome that a retry is answered from the record. The answer to a cancelled key repeats none. */
function isReplayable(outcome: CallOutcome): boolean {
  return outcome.kind === 'refused' ? outcome.code !== 'cancelled' && isRecorded(outcome.code) : true;
}

function collectStatements(reads: readonly AccountRead[]): Comparison {
  return {
    checked: reads.reduce((sum, { statement }) => sum + (statement?.checked ?? 0), 0),
    broken: reads.flatMap(({ account, region, statement }) =>
      (statement?.broken ?? []).map((each) => `${account} in ${region}: ${each}`),
    ),
    open: reads.flatMap(({ account, region, statement }) => {
      const open =
        statement === undefined
          ? ['no answer']
          : [...statement.unfinished, ...(statement.open === undefined ? [] : [statement.open])];
      return open.map((each) => `${account} in ${region}: ${each}`);
    }),
  };
}
