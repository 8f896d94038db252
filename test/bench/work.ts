import { newKey } from '../support/keys.ts';
import { CONTENDER_NAMES, type Contender, type ContenderName } from './contenders/contender.ts';
import { Meter, perCall, sum, type Work } from './meter.ts';

/** What a caller may ask. Long runs, the second of callers who may come back, have every page in them that was due. */
export const OPERATIONS = [
  'deposit',
  'withdrawal',
  'refusal',
  'retry',
  'balance',
  'long run',
  'keys kept',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Calls of a long run on each account, half deposits and half withdrawals, and those before it that fill the head. */
const LONG_RUN = { calls: 100, before: 20 };

/** Calls of an operation on each account. */
function callsOf(operation: Operation): number {
  return operation === 'long run' || operation === 'keys kept' ? LONG_RUN.calls : 1;
}

/** What one operation takes, a call, and what became of the money. */
export interface WorkResult {
  readonly contender: ContenderName;
  readonly operation: Operation;
  readonly work: Work;
  /** True when the balances were right after every call: a retry moved nothing, nothing went below zero. */
  readonly safe: boolean;
}

export interface WorkPlan {
  /** Accounts that hold money, with each operation on each of them: one call, or a long run of them. */
  readonly accounts: readonly string[];
}

/** More than any account of the benchmark holds. */
const TOO_MUCH_MINOR = 999_999_999_999_999n;

/** Counts what each operation of each contender has DynamoDB do, one call after the other, in the steady state. */
export async function measureWork(
  contenders: Readonly<Record<ContenderName, Contender>>,
  { accounts }: WorkPlan,
): Promise<WorkResult[]> {
  const results: WorkResult[] = [];
  for (const name of CONTENDER_NAMES) {
    const contender = contenders[name];
    const meter = new Meter(contender.client);
    // From now on each account has its item.
    for (const account of accounts) await deposit(contender, account);
    for (const operation of OPERATIONS) {
      // Only the bank does something else for callers who may come back.
      if (name !== 'bank' && operation === 'keys kept') continue;
      results.push(await measureOperation({ contender, meter, accounts }, operation));
    }
  }
  return results;
}

async function measureOperation(
  {
    contender,
    meter,
    accounts,
  }: { readonly contender: Contender; readonly meter: Meter; readonly accounts: readonly string[] },
  operation: Operation,
): Promise<WorkResult> {
  const counted: Work[] = [];
  let safe = true;
  for (const account of accounts) {
    const ask = await prepare(contender, account, operation);
    const before = await contender.balance(account);
    meter.take();
    await ask();
    counted.push(meter.take());
    const after = await contender.balance(account);
    safe &&= after === (before ?? 0n) + CHANGE_MINOR[operation];
  }
  return {
    contender: contender.name,
    operation,
    work: perCall(counted.reduce(sum), accounts.length * callsOf(operation)),
    safe,
  };
}

const AMOUNT_MINOR = 10n;

/** What an operation ought to do to the balance. */
const CHANGE_MINOR: Readonly<Record<Operation, bigint>> = {
  deposit: AMOUNT_MINOR,
  withdrawal: -AMOUNT_MINOR,
  refusal: 0n,
  retry: 0n,
  balance: 0n,
  'long run': 0n,
  'keys kept': 0n,
};

/** Does what has to come before an operation, and returns the operation itself. */
async function prepare(
  contender: Contender,
  account: string,
  operation: Operation,
): Promise<() => Promise<unknown>> {
  switch (operation) {
    case 'deposit':
      return () => deposit(contender, account);
    case 'withdrawal':
      return () => contender.move({ account, key: newKey(), move: 'withdraw', amountMinor: AMOUNT_MINOR });
    case 'refusal':
      return () => contender.move({ account, key: newKey(), move: 'withdraw', amountMinor: TOO_MUCH_MINOR });
    case 'balance':
      return () => contender.balance(account);
    case 'retry': {
      const key = newKey();
      await deposit(contender, account, key);
      return () => deposit(contender, account, key);
    }
    case 'long run':
    case 'keys kept': {
      const mayReturn = operation === 'keys kept';
      await alternate(contender, account, LONG_RUN.before, mayReturn);
      return () => alternate(contender, account, LONG_RUN.calls, mayReturn);
    }
  }
}

/** Deposits and withdrawals in turns, one call after the other. */
async function alternate(contender: Contender, account: string, calls: number, mayReturn: boolean) {
  for (let call = 0; call < calls; call += 1) {
    const move = call % 2 === 0 ? 'deposit' : 'withdraw';
    await contender.move({ account, key: newKey(), move, amountMinor: AMOUNT_MINOR, mayReturn });
  }
}

function deposit(contender: Contender, account: string, key = newKey()): Promise<unknown> {
  return contender.move({ account, key, move: 'deposit', amountMinor: AMOUNT_MINOR });
}
