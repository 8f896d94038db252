/** Most differences that are told one by one. */
const MAX_DIFFERENCES = 20;

/** What tells how much an account holds: its balance, and what the entries of its statement come to. */
export type Source = 'balance' | 'statement';

/** An account that holds something else than it has to. */
export interface Difference {
  readonly account: string;
  readonly source: Source;
  /** Region that told it. */
  readonly region: string;
  readonly expectedMinor: bigint;
  readonly foundMinor: bigint;
}

/** What a Region told of each account; undefined when it did not answer. */
export interface Books {
  readonly region: string;
  readonly accounts: ReadonlyMap<string, Holding> | undefined;
}
export type Holding = Readonly<Record<Source, bigint>>;

/** What the books have to say. */
export interface Verdict {
  readonly verdict: 'balanced' | 'wrong' | 'unverified';
  /** How many accounts were verified, each in all Regions that answered. */
  readonly accounts: number;
  readonly totalMinor: bigint;
  readonly readIn: readonly string[];
  readonly notReadIn: readonly string[];
  readonly differences: readonly Difference[];
}

/**
 * Holds what the accounts hold against what they have to. An account of which that is not known is left out, and then, or
 * when no Region could be read, the books cannot be called balanced; one difference is enough to call them wrong.
 */
export function judge(
  expected: ReadonlyMap<string, bigint>,
  unsure: ReadonlySet<string>,
  books: readonly Books[],
): Verdict {
  const sure = [...expected].filter(([account]) => !unsure.has(account));
  const read = books.flatMap(({ region, accounts }) =>
    accounts === undefined ? [] : [{ region, accounts }],
  );
  const differences = read.flatMap(({ region, accounts }) =>
    sure.flatMap(([account, expectedMinor]) =>
      (['balance', 'statement'] as const).flatMap((source) => {
        const foundMinor = accounts.get(account)?.[source] ?? 0n;
        return foundMinor === expectedMinor ? [] : [{ account, source, region, expectedMinor, foundMinor }];
      }),
    ),
  );
  const isVerified = read.length > 0 && unsure.size === 0;
  return {
    verdict: differences.length > 0 ? 'wrong' : isVerified ? 'balanced' : 'unverified',
    accounts: read.length === 0 ? 0 : sure.length,
    totalMinor: sure.reduce((sum, [, balance]) => sum + balance, 0n),
    readIn: read.map(({ region }) => region),
    notReadIn: books.filter(({ accounts }) => accounts === undefined).map(({ region }) => region),
    differences: differences.slice(0, MAX_DIFFERENCES),
  };
}
