import { type BankContender, createBankContender } from './bank.ts';
import {
  CONTENDER_NAMES,
  CONTENDERS,
  type Contender,
  type ContenderName,
  type ContenderOptions,
} from './contender.ts';
import { createBareContender, createPowertoolsContender, createTransactionContender } from './others.ts';
import { type ContenderTables, TableSetup } from './tables.ts';

/** Enough that no withdrawal of a run is refused by accident. */
const FUNDS = '1000000000';

export type Contenders = Readonly<Record<Exclude<ContenderName, 'bank'>, Contender>> & {
  readonly bank: BankContender;
};

export function createContenders({ endpoint, tables }: ContenderOptions): Contenders {
  return {
    bank: createBankContender({ endpoint, tables: tables.bank }),
    bare: createBareContender({ endpoint, tables }),
    powertools: createPowertoolsContender({ endpoint, tables }),
    transaction: createTransactionContender({ endpoint, tables }),
  };
}

/** Opens every contender on tables of its own, with the same accounts, which hold money. */
export async function openContenders(
  endpoint: string,
  accounts: readonly string[],
  signal: AbortSignal,
): Promise<Contenders & AsyncDisposable & { readonly tables: ContenderTables }> {
  const setup = new TableSetup(endpoint);
  const tables = await setup.createForAll();
  const items = Object.keys(CONTENDERS).flatMap((name) =>
    accounts.map((account) => ({
      table: tables[name as ContenderName].accounts,
      item: { account: { S: account }, balance: { N: FUNDS } },
    })),
  );
  await setup.fill(items, signal);
  const contenders = createContenders({ endpoint, tables });
  return {
    ...contenders,
    tables,
    [Symbol.asyncDispose]: async () => {
      for (const name of CONTENDER_NAMES) {
        contenders[name].client.destroy();
      }
      await setup[Symbol.asyncDispose]();
    },
  };
}

/** Names of accounts, numbered. */
export function accountNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `account-${index}`);
}
