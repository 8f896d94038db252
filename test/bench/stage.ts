import { randomUUID } from 'node:crypto';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { Keeper } from '../../infra/local/keeper.ts';
import type { Contender, ContenderName } from './contenders/contender.ts';
import { createContender } from './contenders/contenders.ts';
import { type BenchTables, createBenchTables, fundAccounts } from './contenders/tables.ts';

/** Enough that no withdrawal of a run is refused by accident. */
const FUNDS_MINOR = 1_000_000_000n;

/** One DynamoDB Local, on which everything is measured that needs one. */
export class Stage implements AsyncDisposable {
  readonly #keeper: Keeper;

  private constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  static async open(signal: AbortSignal): Promise<Stage> {
    const keeper = await Keeper.start({ dataFolder: null }, signal);
    // Read by every client of DynamoDB that is made in this process.
    Object.assign(process.env, awsEnvironment(keeper.endpoint, 'us-east-1'));
    return new Stage(keeper);
  }

  get endpoint(): string {
    return this.#keeper.endpoint;
  }

  /** Which DynamoDB it is, for people. */
  get description(): string {
    return this.#keeper.description;
  }

  /** Fresh tables for every contender. */
  createTables(): Promise<BenchTables> {
    return createBenchTables(this.endpoint, `bench-${randomUUID()}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#keeper.stop();
  }
}

/** Every contender on fresh tables with the same accounts, all of which hold money. */
export async function openContenders(
  { endpoint }: Pick<Stage, 'endpoint'>,
  accounts: readonly string[],
): Promise<Readonly<Record<ContenderName, Contender>> & Disposable> {
  Object.assign(process.env, awsEnvironment(endpoint, 'us-east-1'));
  const tables = await createBenchTables(endpoint, `bench-${randomUUID()}`);
  for (const { accounts: tableName } of Object.values(tables)) {
    await fundAccounts(endpoint, tableName, accounts, FUNDS_MINOR);
  }
  const parts = { endpoint, tables };
  const contenders = {
    bank: createContender('bank', parts),
    bare: createContender('bare', parts),
    powertools: createContender('powertools', parts),
    transaction: createContender('transaction', parts),
  };
  return {
    ...contenders,
    [Symbol.dispose]: () => {
      for (const contender of Object.values(contenders)) contender.close();
    },
  };
}

/** Names of accounts, numbered. */
export function accountNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `account-${index}`);
}
