import { MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import type { Status } from '../../../functions/bank/entry.ts';
import type { HistoryEvent } from './event.ts';
import type { CheckedCode, Operation, Reply } from './operations.ts';

/** An account at one moment. Its balance is undefined where there is none yet. */
export interface State extends Status {
  readonly balanceMinor: bigint | undefined;
}

export const NO_ACCOUNT: State = { balanceMinor: undefined, debits: 'open', credits: 'open' };

/** Something that happened to an account at one moment, or may have. */
export interface Step {
  /** What it was, for people. */
  readonly description: string;
  readonly invokedAt: number;
  /** When it had happened for sure; undefined for what may never have happened. */
  readonly endedAt: number | undefined;
  /** The step that it comes after, where it cannot have happened without it. */
  readonly behind?: Step;
  /** The state after it, when it can have happened in this one with the answer that it got; `impossible` otherwise. */
  readonly apply: (state: State) => State | typeof IMPOSSIBLE;
}

export const IMPOSSIBLE = Symbol('impossible');

/** Something is wrong with a key whatever the order. */
interface Contradiction {
  readonly key: string;
  readonly message: string;
}

/** What concerns an account. */
export interface AskedOf {
  /** What was asked of it. */
  readonly own: readonly Operation[];
  /** What was asked with each key of other accounts that pays it. */
  readonly payments: readonly (readonly Operation[])[];
}

/**
 * Turns the operations on one account into steps. All that was asked with one key is one step: it can have happened from
 * the first request for it, and had happened at the first answer. No answer may come earlier, and all answers must be the same. A transfer is
 * two steps where its money came back, and one more on the account that it pays.
 */
export function stepsOf(
  account: string,
  { own, payments }: AskedOf,
): { readonly steps: readonly Step[]; readonly contradictions: readonly Contradiction[] } {
  const reads = own.flatMap((operation) =>
    operation.result.kind === 'read' ? [readStep(operation, operation.result.balanceMinor)] : [],
  );
  const contradictions: Contradiction[] = [];
  const calls = [...groupBy(own.filter(hasEffect), ({ event }) => event.key)].flatMap(([key, asked]) => {
    const contradiction = contradictionIn(asked);
    if (contradiction !== undefined) {
      contradictions.push({ key, message: contradiction });
      return [];
    }
    return stepsOfKey(key, asked, stepsOfCall);
  });
  // Contradictions are reported for the account that pays.
  const credits = payments
    .map((asked) => asked.filter(hasEffect))
    .filter((asked) => asked.length > 0 && contradictionIn(asked) === undefined)
    .flatMap((asked) =>
      stepsOfKey(asked[0]?.event.key ?? '', asked, (call) =>
        call.event.to === account ? stepsOfCredit(call) : [],
      ),
    );
  return {
    steps: [...reads, ...calls, ...credits].sort((one, other) => one.invokedAt - other.invokedAt),
    contradictions,
  };
}

/** What certainly did nothing caused nothing either. */
function hasEffect({ result }: Operation): boolean {
  return result.kind !== 'nothing';
}

/** Groups operations by a name; those without one are left out. */
export function groupBy(
  operations: readonly Operation[],
  nameOf: (operation: Operation) => string | undefined,
): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const name = nameOf(operation);
    if (name !== undefined) {
      const group = groups.get(name) ?? [];
      groups.set(name, group);
      group.push(operation);
    }
  }
  return groups;
}

function readStep({ invokedAt, endedAt }: Operation, balanceMinor: bigint | undefined): Step {
  return {
    description: balanceMinor === undefined ? 'there was no account' : `the balance was ${balanceMinor}`,
    invokedAt,
    endedAt,
    apply: (state) => (state.balanceMinor === balanceMinor ? state : IMPOSSIBLE),
  };
}

function repliesOf(asked: readonly Operation[]): { readonly reply: Reply; readonly endedAt: number }[] {
  return asked.flatMap(({ result, endedAt }) =>
    result.kind === 'replied' && endedAt !== undefined ? [{ reply: result.reply, endedAt }] : [],
  );
}

/** Answers to one key that cannot all be true, in whatever order. */
function contradictionIn(asked: readonly Operation[]): string | undefined {
  const calls = asked.filter(({ event }) => event.operation !== 'cancel');
  // A call for something else with a used key gets key_reused, which says nothing about the balance.
  const replied = calls.filter(
    ({ result }) => result.kind === 'replied' && result.reply.kind !== 'cancelled',
  );
  const executedFor = new Set(replied.map(asksFor));
  if (executedFor.size > 1) {
    return `one key was answered for ${[...executedFor].join(' and for ')}`;
  }
  const said = new Set(repliesOf(asked).map(({ reply }) => inWords(reply)));
  if (said.size > 1) {
    return `one key was answered ${[...said].join(' and ')}`;
  }
  const early = repliesOf(asked).find(({ reply, endedAt }) => {
    const causes =
      reply.kind === 'cancelled' ? asked.filter(({ event }) => event.operation === 'cancel') : calls;
    return !causes.some(({ invokedAt }) => invokedAt < endedAt);
  });
  return early === undefined
    ? undefined
    : `a key was answered ${inWords(early.reply)} before any call had asked for that`;
}

/** What was asked with a key, and its reply. */
interface KeyedCall extends Pick<Step, 'description' | 'invokedAt' | 'endedAt'> {
  readonly event: HistoryEvent;
  readonly amountMinor: bigint;
  /** Undefined where no call with the key was answered. */
  readonly reply: Reply | undefined;
}

/**
 * The steps of a key. With different things asked under one key and none of them answered, each of them may have happened:
 * the search is then a little too lenient, and never too strict.
 */
function stepsOfKey(
  key: string,
  asked: readonly Operation[],
  stepsOfOne: (call: KeyedCall) => readonly Step[],
): Step[] {
  const replies = repliesOf(asked);
  const calls = asked.filter(
    ({ event, result }) => event.operation !== 'cancel' && result.kind !== 'nothing',
  );
  if (replies.some(({ reply }) => reply.kind === 'cancelled')) {
    return [];
  }
  const reply = replies[0]?.reply;
  const endedAt = replies.length === 0 ? undefined : Math.min(...replies.map((each) => each.endedAt));
  const answered = calls.find(({ result }) => result.kind === 'replied');
  const kinds = answered === undefined ? groupBy(calls, asksFor) : new Map([[asksFor(answered), calls]]);
  return [...kinds].flatMap(([kind, all]) => {
    const alike = all.filter((each) => asksFor(each) === kind);
    const { event } = alike[0] as Operation;
    return stepsOfOne({
      description: `${kind} (${key}) was ${reply === undefined ? 'not answered' : inWords(reply)}`,
      invokedAt: Math.min(...alike.map((each) => each.invokedAt)),
      endedAt,
      event,
      amountMinor: event.amount ?? 0n,
      reply,
    });
  });
}

function asksFor({ event: { operation, amount, to, hold, call, debits, credits } }: Operation): string {
  const sides = [debits && `debits ${debits}`, credits && `credits ${credits}`];
  return [operation, amount, to, hold, call, ...sides].filter((each) => each !== undefined).join(' ');
}

/** What a call did to the account that it was asked of. The money of a transfer that was refused by its payee left, and came back. */
function stepsOfCall({ event, amountMinor, reply, ...step }: KeyedCall): readonly Step[] {
  const { operation, debits, credits } = event;
  if (operation === 'setStatus') {
    const apply = (state: State) => {
      const after = { ...state, debits: debits ?? state.debits, credits: credits ?? state.credits };
      return change(state, after, state.balanceMinor === undefined ? 'no_such_account' : undefined, reply);
    };
    return [{ ...step, apply }];
  }
  if (operation === 'deposit') {
    const apply = (state: State) => move(state, amountMinor, refusalOfDeposit(state, amountMinor), reply);
    return [{ ...step, apply }];
  }
  const take = (expected: Reply | undefined): Step => ({
    ...step,
    apply: (state) => move(state, -amountMinor, refusalOfWithdrawal(state, amountMinor), expected),
  });
  const isReturned = reply?.kind === 'refused' && PAYEE_REFUSALS.has(reply.code);
  if (operation !== 'transfer' || (reply !== undefined && !isReturned)) {
    return [take(reply)];
  }
  const left = take(undefined);
  return [left, { ...step, behind: left, apply: (state) => plus(state, amountMinor) }];
}

const PAYEE_REFUSALS: ReadonlySet<CheckedCode> = new Set([
  'no_such_destination',
  'destination_frozen',
  'balance_too_large',
]);

/** The credit of a transfer, as a step of its payee's history. No answer contains the payee's balance. */
function stepsOfCredit({ amountMinor, reply, description, invokedAt, endedAt }: KeyedCall): readonly Step[] {
  if (reply?.kind === 'refused' && !PAYEE_REFUSALS.has(reply.code)) {
    return [];
  }
  const expected = reply?.kind === 'refused' ? reply : undefined;
  const apply = (state: State) => move(state, amountMinor, refusalOfCredit(state, amountMinor), expected);
  return [{ description, invokedAt, endedAt, apply }];
}

function move(
  state: State,
  differenceMinor: bigint,
  refusal: CheckedCode | undefined,
  reply: Reply | undefined,
): State | typeof IMPOSSIBLE {
  return change(state, plus(state, differenceMinor), refusal, reply);
}

function plus(state: State, differenceMinor: bigint): State {
  return { ...state, balanceMinor: (state.balanceMinor ?? 0n) + differenceMinor };
}

/** Makes a change, if its result is the reply. One that was not answered has happened, or is left out elsewhere. */
function change(
  state: State,
  after: State,
  refusal: CheckedCode | undefined,
  reply: Reply | undefined,
): State | typeof IMPOSSIBLE {
  if (reply === undefined || reply.kind === 'executed') {
    const fits = refusal === undefined && (reply === undefined || reply.balanceMinor === after.balanceMinor);
    return fits ? after : IMPOSSIBLE;
  }
  return reply.kind === 'refused' && reply.code === refusal ? state : IMPOSSIBLE;
}

function refusalOfDeposit(state: State, amountMinor: bigint): CheckedCode | undefined {
  return state.credits === 'frozen' ? 'account_frozen' : refusalOfSum(state, amountMinor);
}

function refusalOfSum({ balanceMinor = 0n }: State, amountMinor: bigint): CheckedCode | undefined {
  return balanceMinor + amountMinor > MAX_AMOUNT_MINOR ? 'balance_too_large' : undefined;
}

function refusalOfWithdrawal(state: State, amountMinor: bigint): CheckedCode | undefined {
  const { balanceMinor, debits } = state;
  if (balanceMinor === undefined) {
    return 'no_such_account';
  }
  if (debits === 'frozen') {
    return 'account_frozen';
  }
  return balanceMinor < amountMinor ? 'not_enough_money' : undefined;
}

function refusalOfCredit(state: State, amountMinor: bigint): CheckedCode | undefined {
  if (state.balanceMinor === undefined) {
    return 'no_such_destination';
  }
  return state.credits === 'frozen' ? 'destination_frozen' : refusalOfSum(state, amountMinor);
}

function inWords(reply: Reply): string {
  switch (reply.kind) {
    case 'executed':
      return `executed, ${reply.balanceMinor} after it`;
    case 'refused':
      return `refused, ${reply.code}`;
    case 'cancelled':
      return 'cancelled';
  }
}
