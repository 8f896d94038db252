import { BankClient } from '../../client/client.ts';
import { platform } from '../../client/environment.ts';
import { chanceFrom } from '../../infra/drill/chance.ts';
import type { Patience } from '../../infra/drill/patience.ts';
import type { DrillEndpoint } from '../../infra/drill/verify.ts';
import type { ChaosBank } from './bank.ts';
import type { Check, ItemWatch } from './items.ts';
import { judgeBooks } from './judge-books.ts';
import type { KeyWatch } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { settleAll } from './settle.ts';
import type { Sweeper } from './sweeper.ts';
import type { TableReader } from './tables.ts';

export interface AftermathParts {
  readonly seed: number;
  readonly bank: ChaosBank;
  readonly ledger: Ledger;
  readonly sweeper: Sweeper;
  readonly reader: TableReader;
  readonly watch: ItemWatch;
  readonly keys: KeyWatch;
}

/** Longest time to settle, to retry and to read balances, each. A ceiling against a hang, and not against a slow machine. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 200;

/**
 * When nothing goes wrong any more: settles what is unknown, waits for every request that is still to be delivered, and
 * looks at the books, through both Regions, and at the tables.
 */
export async function inspect({
  seed,
  bank,
  ledger,
  sweeper,
  reader,
  watch,
  keys,
}: AftermathParts): Promise<Check[]> {
  const [one, other] = bank.regions.map(({ name: region, url }) => ({ region, url }));
  if (one === undefined || other === undefined) throw new RangeError('a bank has two Regions');
  const endpoints: readonly [DrillEndpoint, DrillEndpoint] = [one, other];
  const options = { acknowledgeAfterMs: false } as const;
  const patience = (): Patience => ({
    environment: platform,
    untilMs: platform.elapsedMs() + PATIENCE_MS,
    pauseMs: PAUSE_MS,
  });

  await using client = new BankClient({ ...options, endpoints });
  await settleAll(ledger, client, patience());
  // What arrives after the matter was settled must not change anything; whether it has is seen below.
  await Promise.all(bank.regions.map((region) => region.settled()));
  const isSwept = await sweeper.sweep(await bank.announce(0));
  const promises = await judgeBooks(ledger.books.entries, {
    endpoints,
    options,
    chance: chanceFrom(seed),
    patience,
  });
  const [accounts, archived] = await Promise.all([
    reader.items(bank.tables.accounts),
    reader.items(bank.tables.idempotency),
  ]);
  const sweep = {
    name: 'swept',
    says: 'a sweep works again when nothing goes wrong any more',
    checked: 1,
    broken: isSwept ? [] : ['the last sweep ended with 1'],
    open: [],
  };
  const known = keys.check(ledger.books.entries, accounts, archived);
  return [...promises, ...watch.checks(accounts, archived), known, sweep];
}

/** Whether the bank did nothing that a strongly consistent global table would have turned away. */
export function checkLaw(requests: number, breaches: readonly string[]): Check {
  return {
    name: 'law',
    says: 'no transaction, no time to live, no local index on the accounts, and no read of them that may be behind',
    checked: requests,
    broken: breaches,
    open: [],
  };
}
