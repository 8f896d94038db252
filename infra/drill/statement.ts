import { type Entry, isMove, lastOutcome } from './books.ts';

/** What the books say of one account. */
export interface Statement {
  readonly account: string;
  /** What its balance must be; undefined when nothing was executed, so that there is no such account. */
  readonly balanceMinor: bigint | undefined;
  /** Calls of which nobody knows whether they took effect. As long as there are any, the balance is a guess. */
  readonly unknown: number;
  /** Balances that were told, with a reply or by themselves. */
  readonly told: number;
  /** Balances below zero, each in words. */
  readonly belowZero: readonly string[];
  /** Where the replies do not lead from one to the next, each in words. */
  readonly gaps: readonly string[];
}

/** One reply that moved money: it leads from one balance to another. */
interface Step {
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
}

/** Draws up the statements of all accounts, in the order in which they were first asked about. */
export function statementsOf(entries: readonly Entry[]): readonly Statement[] {
  const accounts = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { account } = entry.request;
    const ofAccount = accounts.get(account);
    if (ofAccount === undefined) accounts.set(account, [entry]);
    else ofAccount.push(entry);
  }
  return [...accounts].map(([account, ofAccount]) => statementOf(account, ofAccount));
}

function statementOf(account: string, entries: readonly Entry[]): Statement {
  const steps = entries.flatMap(stepOf);
  const reads = entries.flatMap((entry) => {
    const outcome = lastOutcome(entry);
    return outcome.kind === 'told' ? [outcome.balanceMinor] : [];
  });
  const unknown = entries.filter((entry) => isMove(entry.request) && lastOutcome(entry).kind === 'unknown');
  const balanceMinor = steps.reduce((sum, { fromMinor, toMinor }) => sum + toMinor - fromMinor, 0n);
  const balances = [...steps.flatMap(({ fromMinor, toMinor }) => [fromMinor, toMinor]), ...reads];
  return {
    account,
    balanceMinor: steps.length === 0 ? undefined : balanceMinor,
    unknown: unknown.length,
    told: steps.length + reads.length,
    belowZero: balances.filter((each) => each < 0n).map((each) => `${account}: ${each}`),
    gaps: unknown.length > 0 ? [] : gapsOf(account, steps, reads),
  };
}

function stepOf(entry: Entry): Step[] {
  const { request } = entry;
  const outcome = lastOutcome(entry);
  if (!isMove(request) || outcome.kind !== 'executed') return [];
  const changeMinor = request.kind === 'deposit' ? request.amountMinor : -request.amountMinor;
  return [{ fromMinor: outcome.balanceMinor - changeMinor, toMinor: outcome.balanceMinor }];
}

/**
 * Looks for what is missing between the replies. In whatever order they came, they lead from 0 to the balance in one walk:
 * each begins at a balance where another one ended, and can be come to from 0. A gap proves that something took effect
 * without a reply. That there is none proves nothing: where the walk comes back to the balance at which something took
 * effect once more, it hangs together without that. So the balance is compared with what the Regions say.
 */
function gapsOf(account: string, steps: readonly Step[], reads: readonly bigint[]): string[] {
  /** How many more replies lead to a balance than lead on from it. */
  const surplus = new Map<bigint, number>([[0n, 1]]);
  for (const { fromMinor, toMinor } of steps) {
    surplus.set(fromMinor, (surplus.get(fromMinor) ?? 0) - 1);
    surplus.set(toMinor, (surplus.get(toMinor) ?? 0) + 1);
  }
  const reached = reachedFrom(0n, steps);
  const gaps = [...surplus].filter(([atMinor, more]) => more < 0 || !reached.has(atMinor));
  const invented = reads.filter((readMinor) => !surplus.has(readMinor));
  return [
    ...gaps.map(([atMinor]) => `${account}: the replies do not lead to ${atMinor}, where one begins or ends`),
    ...invented.map((readMinor) => `${account}: ${readMinor} was told, and no reply leads to it`),
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
    for (const toMinor of next.get(atMinor) ?? []) reached.add(toMinor);
  }
  return reached;
}
