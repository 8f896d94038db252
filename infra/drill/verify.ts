import { BankClient } from '../../client/client.ts';
import type { BankClientOptions, EndpointOptions } from '../../client/options.ts';
import { ask } from './ask.ts';
import type { Books, Entry } from './books.ts';
import { type BalanceRead, type Invariant, judge, type Retried } from './judge.ts';
import { forEach, insist, type Patience } from './patience.ts';
import { type Sampled, sampleOf } from './sample.ts';
import { isForGood } from './settle.ts';

/** An endpoint whose Region is known. */
export type DrillEndpoint = EndpointOptions & { readonly region: string };

export interface VerifyParts {
  readonly books: Pick<Books, 'entries'>;
  readonly endpoints: readonly [DrillEndpoint, DrillEndpoint];
  readonly options: Omit<BankClientOptions, 'endpoints'>;
  readonly chance: () => number;
  /** For each of the two kinds of question anew: what the first took is not taken from the second. */
  readonly patience: () => Patience;
}

/**
 * Asks both Regions about what the books hold, and judges the answers. The balances come last, so that a retry that took
 * effect once more would show in them.
 */
export async function verify(parts: VerifyParts): Promise<readonly Invariant[]> {
  const { books, chance } = parts;
  const sample = sampleOf(books.entries, chance);
  const retries = await retryElsewhere(sample, parts);
  const reads = await readBalances(books.entries, parts);
  return judge(books.entries, reads, retries);
}

/** Retries each call through the Region that had not answered it. */
async function retryElsewhere(
  sample: readonly Sampled[],
  { endpoints: [one, other], options, patience }: VerifyParts,
): Promise<readonly Retried[]> {
  const limit = patience();
  await using viaOne = new BankClient({ ...options, endpoints: [one] });
  await using viaOther = new BankClient({ ...options, endpoints: [other] });
  return await forEach(sample, async (sampled) => {
    const client = sampled.region === one.region ? viaOther : viaOne;
    const answer = await insist(limit, async () => {
      const told = await ask(client, sampled.request);
      return isForGood(told.outcome) ? told : undefined;
    });
    return { sampled, outcome: answer?.outcome };
  });
}

/** Reads the balance of each account of the entries in each Region. */
export async function readBalances(
  entries: readonly Entry[],
  { endpoints, options, patience }: Omit<VerifyParts, 'books'>,
): Promise<readonly BalanceRead[]> {
  const limit = patience();
  const accounts = [...new Set(entries.map(({ request }) => request.account))];
  const reads = endpoints.map(async (endpoint) => {
    await using client = new BankClient({ ...options, endpoints: [endpoint] });
    return await forEach(accounts, async (account) => {
      const answer = await insist(limit, async () => {
        const told = await ask(client, { kind: 'balance', account });
        return told.region === undefined ? undefined : told;
      });
      return { account, region: endpoint.region, outcome: answer?.outcome };
    });
  });
  return (await Promise.all(reads)).flat();
}
