import type { BankParts } from './bank/attempt.ts';
import { createClient } from './dynamodb/client.ts';
import { Connection } from './dynamodb/connection.ts';
import { createStore } from './dynamodb/store.ts';
import { environment, timeIn } from './environment.ts';
import { Tally } from './tally.ts';

/** The bank of a deployed function. */
export interface DeployedBank {
  /** Prefix of the deployment. */
  readonly name: string;
  readonly region: string;
  readonly parts: BankParts;
  /** Counts the requests that DynamoDB rejects. */
  readonly rejectedRequests: Tally;
}

/**
 * Makes the bank from the function's environment: `AWS_REGION` (set by Lambda), `BANK`, `ACCOUNTS_TABLE`, `PAGES_TABLE`,
 * `IDEMPOTENCY_TABLE`, and `KEYS_NOT_BEFORE` if the bank was recovered.
 */
export function deployedBank(): DeployedBank {
  const region = environment('AWS_REGION');
  const rejectedRequests = new Tally();
  const store = createStore(
    new Connection(createClient({ region }), rejectedRequests.count),
    {
      accounts: environment('ACCOUNTS_TABLE'),
      pages: environment('PAGES_TABLE'),
      idempotency: environment('IDEMPOTENCY_TABLE'),
    },
    Date.now,
  );
  const parts = { store, nowMs: Date.now, keysNotBeforeMs: timeIn('KEYS_NOT_BEFORE') };
  return { name: environment('BANK'), region, parts, rejectedRequests };
}
