import { newKey } from '../support/keys.ts';
import { CONTENDER_NAMES, type Contender, type ContenderName } from './contenders/contender.ts';
import { Meter, perCall, sum, type Work } from './meter.ts';

/** What a caller may ask. */
export type Operation = 'deposit' | 'withdrawal' | 'refusal' | 'retry' | 'balance';

export const OPERATIONS: readonly Operation[] = ['deposit', 'withdrawal', 'refusal', 'retry', 'balance'];

/** What one operation takes, a call, and what became of the money. */
export interface WorkResult {
  readonly contender: ContenderName;
  readonly operation: Operation;
  readonly work: Work;
  /** True when the balances were right after every call: a retry moved nothing, nothing went below zero. */
  readonly safe: boolean;
}

export interface WorkPlan {
  /** Accounts that hold money, with one call of each operation on each of them. */
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
    // From now on each account has a reply to give back, as it has in the steady state.
    for (const account of accounts) await deposit(contender, account);
    for (const operation of OPERATIONS) {
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
  return { contender: contender.name, operation, work: perCall(counted.reduce(sum), accounts.length), safe };
}

const AMOUNT_MINOR = 10n;

/** What an operation ought to do to the balance. */
const CHANGE_MINOR: Readonly<Record<Operation, bigint>> = {
  deposit: AMOUNT_MINOR,
  withdrawal: -AMOUNT_MINOR,
  refusal: 0n,
  retry: 0n,
  balance: 0n,
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
  }
}

function deposit(contender: Contender, account: string, key = newKey()): Promise<unknown> {
  return contender.move({ account, key, move: 'deposit', amountMinor: AMOUNT_MINOR });
}
