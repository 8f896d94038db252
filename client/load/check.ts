import { isRecorded } from '../contract/problems.ts';
import { type Account, groupByAccount, sumUp } from './accounts.ts';
import { type Answer, type CallOutcome, type CallRecord, isPlain, type MoveRecord } from './call.ts';
import { finalOutcome, isFinalOutcome, isMove } from './ledger.ts';
import type { Money } from './money.ts';
import { totalOf } from './money.ts';
import type { StatementFindings } from './statement.ts';

/** A promise of the bank, and whether it was kept. */
export interface Check {
  readonly name: string;
  readonly promise: string;
  /** Number of things that were compared. */
  readonly checked: number;
  /** Each case in which it was not kept, in words. */
  readonly broken: readonly string[];
  /** Each case in which it is not known, in words. */
  readonly open: readonly string[];
}

/** What a Region says about an account; undefined if it did not answer. */
export interface AccountRead {
  readonly account: string;
  readonly region: string;
  readonly balance: CallOutcome | undefined;
  readonly statement: StatementFindings | undefined;
}

/** A retry of a call, and its answer, if there was one. */
export interface Retried {
  readonly record: MoveRecord;
  readonly answer: Pick<Answer, 'outcome' | 'replayed'> | undefined;
  /** True if it was sent to another endpoint than the one that answered the call. */
  readonly elsewhere: boolean;
}

/** True if something was compared, and every comparison succeeded. */
export function isKept({ checked, broken, open }: Pick<Check, 'checked' | 'broken' | 'open'>): boolean {
  return checked > 0 && broken.length === 0 && open.length === 0;
}

/** Compares the answers of the callers with what the Regions say now, and with the answers to retries. */
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
      promise: 'no balance was below zero',
      checked: answers,
      broken: accounts.flatMap(({ belowZero }) => belowZero),
      open: [],
    },
    {
      name: 'I2',
      promise:
        'in each Region, the balance and the held money of every account are the sum of its executed calls',
      ...compareBalances(accounts, reads),
    },
    {
      name: 'I3',
      promise:
        'for accounts with only deposits and withdrawals, the answers form one chain from 0 to the balance: nothing else was executed',
      checked: accounts.reduce((sum, each) => sum + each.chained, 0),
      broken: accounts.flatMap(({ gaps }) => gaps),
      open: accounts.flatMap(inDoubt),
    },
    {
      name: 'I4',
      promise: `a retry${throughOf(executed)} gets the recorded reply again`,
      ...compareReplies(executed),
    },
    {
      name: 'I4r',
      promise: `a retry of a refused call${throughOf(refused)} gets the recorded refusal again`,
      ...compareReplies(refused),
    },
    {
      name: 'I10',
      promise:
        'in each Region, all balances and held money together are the deposits minus the money that left the bank',
      ...compareTotals(records, accounts, reads),
    },
    {
      name: 'statement',
      promise:
        'in each Region, the statement of every account adds up, and has each recorded call once and nothing else',
      ...collectStatements(reads),
    },
  ];
  // A check without a subject is left out: if nothing was refused, no refused call can be retried. Without any call, all checks stay open.
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

/** Says where the retries were sent, as a part of a sentence. */
function throughOf(retries: readonly Retried[]): string {
  return retries.every(({ elsewhere }) => elsewhere)
    ? ' through another Region'
    : ', through the Region that had answered if no other one answers,';
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

/** Transfers and holds do not change the total. A Region in which a balance could not be read is left out. */
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
      // Nothing was recorded before the retry: the bank has lost what the first call did.
      const what =
        first.kind === 'executed'
          ? 'executed again'
          : 'refused again, but the first refusal was not recorded';
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
      // The answer to a cancellation has no `detail`, but the one to the call has.
      return outcome.code === 'cancelled' ? 'cancelled' : `${outcome.code} "${outcome.detail}"`;
    case 'not_executed':
    case 'unknown':
      return outcome.kind;
  }
}

/** True if the answer to a retry must be a recorded one. A cancelled key is an exception: a cancellation is not replayed. */
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
