import { BankClient } from '../../client/client.ts';
import { platform } from '../../client/environment.ts';
import { chanceFrom } from '../../infra/drill/chance.ts';
import type { Patience } from '../../infra/drill/patience.ts';
import { type DrillEndpoint, verify } from '../../infra/drill/verify.ts';
import type { ChaosBank } from './bank.ts';
import type { Check, ItemWatch } from './items.ts';
import type { KeyWatch } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { settleAll } from './settle.ts';
import { checkStatements, readStatements } from './statements.ts';
import type { TableReader } from './tables.ts';

export interface AftermathParts {
  readonly seed: number;
  readonly bank: ChaosBank;
  readonly ledger: Ledger;
  readonly reader: TableReader;
  readonly watch: ItemWatch;
  readonly keys: KeyWatch;
}

/** Longest time to settle, to retry and to read balances, each. A ceiling against a hang, and not against a slow machine. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 200;

/** What was found, and how many pages were turned. */
export interface Inspection {
  readonly checks: readonly Check[];
  readonly pages: number;
}

/**
 * When nothing goes wrong any more: settles what is unknown, waits for every request that is still to be delivered, and
 * looks at the books, through both Regions, and at the tables.
 */
export async function inspect({
  seed,
  bank,
  ledger,
  reader,
  watch,
  keys,
}: AftermathParts): Promise<Inspection> {
  const [one, other] = bank.regions.map(({ name: region, url }) => ({ region, url }));
  if (one === undefined || other === undefined) throw new RangeError('a bank has two Regions');
  const endpoints: readonly [DrillEndpoint, DrillEndpoint] = [one, other];
  const patience = (): Patience => ({
    environment: platform,
    untilMs: platform.elapsedMs() + PATIENCE_MS,
    pauseMs: PAUSE_MS,
  });

  await using client = new BankClient({ endpoints });
  await settleAll(ledger, client, patience());
  // What arrives after the matter was settled must not change anything; whether it has is seen below.
  await Promise.all(bank.regions.map((region) => region.settled()));
  const { books } = ledger;
  const promises = await verify({ books, endpoints, options: {}, chance: chanceFrom(seed), patience });
  const statements = await readStatements(books.entries, endpoints, patience);
  const { accounts: heads, pages, idempotency } = bank.tables;
  const tables = {
    accounts: await reader.items(heads),
    pages: await reader.items(pages),
    cached: await reader.items(idempotency),
  };
  const checks = [
    ...promises,
    ...watch.checks(tables.accounts),
    checkStatements(books.entries, statements),
    keys.check(books.entries, tables),
  ];
  return { checks, pages: tables.pages.length };
}

/** Whether the bank did nothing that a strongly consistent global table would have turned away. */
export function checkLaw(requests: number, breaches: readonly string[]): Check {
  return {
    name: 'law',
    says: 'no transaction, no time to live, no local index on accounts and pages, and no read of them that may be behind',
    checked: requests,
    broken: breaches,
    open: [],
  };
}
