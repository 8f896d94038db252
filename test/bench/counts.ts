import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { newKey } from '../support/keys.ts';
import { CONTENDER_NAMES, CONTENDERS, type ContenderName } from './contenders/contender.ts';
import { accountNames, type Contenders, openContenders } from './contenders/open.ts';
import { Meter, type Work, workPerCall } from './meter.ts';
import type { Question, Row, Site, Table } from './question.ts';

interface CountsPlan {
  /** Accounts that each operation is executed on. */
  readonly accounts: number;
}

/** A long run follows these calls, after which the account turns pages. */
const CALLS_BEFORE_LONG_RUN = 2 * KEPT_ENTRIES;
const LONG_RUN_CALLS = 10 * KEPT_ENTRIES;
const AMOUNT_MINOR = 10n;

/** More than any account of the benchmark holds. */
const TOO_MUCH_MINOR = 999_999_999_999_999n;

/** An operation on one account: what comes before it, what is counted, and what it should add to the balance. */
interface Operation {
  readonly name: string;
  readonly isForBankOnly?: true;
  readonly calls?: number;
  readonly changeMinor?: bigint;
  prepare?(caller: Caller): Promise<void>;
  run(caller: Caller): Promise<unknown>;
}

const OPERATIONS: readonly Operation[] = [
  { name: 'deposit', changeMinor: AMOUNT_MINOR, run: (caller) => caller.call('deposit') },
  { name: 'withdrawal', changeMinor: -AMOUNT_MINOR, run: (caller) => caller.call('withdraw') },
  { name: 'refusal', run: (caller) => caller.call('withdraw', { amountMinor: TOO_MUCH_MINOR }) },
  {
    name: 'retry',
    prepare: (caller) => caller.call('deposit', { key: caller.retriedKey }),
    run: (caller) => caller.call('deposit', { key: caller.retriedKey }),
  },
  { name: 'balance', run: (caller) => caller.balance() },
  longRun('long run', false),
  { ...longRun('long run, replies cached', true), isForBankOnly: true },
  // The accounts have more than 100 entries by now.
  { name: 'statement', isForBankOnly: true, run: (caller) => caller.statement() },
];

/** Many calls, one after the other, with every page that they make due. */
function longRun(name: string, mayRetry: boolean): Operation {
  return {
    name,
    calls: LONG_RUN_CALLS,
    prepare: (caller) => caller.alternate(CALLS_BEFORE_LONG_RUN, mayRetry),
    run: (caller) => caller.alternate(LONG_RUN_CALLS, mayRetry),
  };
}

export const counts: Question<CountsPlan> = {
  title: 'Requests and units of a call',
  note:
    'Counted by DynamoDB Local, one call after the other. A long run is many calls on each account, with the pages that they ' +
    'make due; with cached replies, callers may call again. The money is wrong when a retry moved some, or when a balance ' +
    'went below zero.',
  plans: { quick: { accounts: 5 }, full: { accounts: 50 } },
  measure: async (plan, site) => [await countAll(plan, site)],
};

async function countAll(plan: CountsPlan, { endpoint, onProgress, signal }: Site): Promise<Table> {
  const accounts = accountNames(plan.accounts);
  await using contenders = await openContenders(endpoint, accounts, signal);
  const rows: Row[] = [];
  for (const name of CONTENDER_NAMES) {
    const meter = new Meter(contenders[name].client);
    const callers = accounts.map((account) => callerOf(contenders, name, account));
    // From here on every account has an entry, or a record.
    for (const caller of callers) {
      await caller.call('deposit');
    }
    for (const operation of OPERATIONS.filter((each) => name === 'bank' || !each.isForBankOnly)) {
      onProgress(`${CONTENDERS[name]}, ${operation.name}`);
      signal.throwIfAborted();
      const { work, isCorrect } = await count(operation, callers, meter);
      const money = isCorrect ? 'correct' : 'wrong';
      rows.push({ contender: CONTENDERS[name], operation: operation.name, ...work, money });
    }
  }
  return { title: 'Per call', rows };
}

async function count(operation: Operation, callers: readonly Caller[], meter: Meter) {
  const { calls = 1, changeMinor = 0n } = operation;
  const slices: Work[] = [];
  let isCorrect = true;
  for (const caller of callers) {
    await operation.prepare?.(caller);
    await caller.pagesTurned();
    const before = await caller.balance();
    meter.take();
    await operation.run(caller);
    await caller.pagesTurned();
    slices.push(meter.take());
    isCorrect &&= (await caller.balance()) === before + changeMinor;
  }
  return { work: workPerCall(slices, callers.length * calls), isCorrect };
}

type Caller = ReturnType<typeof callerOf>;

/** A caller of one account of one contender. */
function callerOf(contenders: Contenders, name: ContenderName, account: string) {
  const { bank, [name]: contender } = contenders;
  const call = async (
    operation: 'deposit' | 'withdraw',
    { key = newKey(), amountMinor = AMOUNT_MINOR, mayRetry = false } = {},
  ): Promise<void> => {
    await contender.execute({ account, key, operation, amountMinor, mayRetry });
  };
  return {
    retriedKey: newKey(),
    call,
    balance: async () => (await contender.balance(account)) ?? 0n,
    statement: () => bank.statement(account),
    pagesTurned: () => bank.pagesTurned(),
    /** Deposits and withdrawals in turn. */
    alternate: async (calls: number, mayRetry: boolean) => {
      for (let index = 0; index < calls; index += 1) {
        await call(index % 2 === 0 ? 'deposit' : 'withdraw', { mayRetry });
      }
    },
  };
}
