/** Most differences that are told one by one. */
const MAX_DIFFERENCES = 20;

/** An account that holds something else than it has to. */
export interface Difference {
  readonly account: string;
  /** Region that told the balance. */
  readonly region: string;
  readonly expectedMinor: bigint;
  readonly foundMinor: bigint;
}

/** The balances that a Region told; undefined when it did not answer. */
export interface Statement {
  readonly region: string;
  readonly balances: ReadonlyMap<string, bigint> | undefined;
}

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
  statements: readonly Statement[],
): Verdict {
  const sure = [...expected].filter(([account]) => !unsure.has(account));
  const read = statements.flatMap(({ region, balances }) =>
    balances === undefined ? [] : [{ region, balances }],
  );
  const differences = read.flatMap(({ region, balances }) =>
    sure.flatMap(([account, expectedMinor]) => {
      const foundMinor = balances.get(account) ?? 0n;
      return foundMinor === expectedMinor ? [] : [{ account, region, expectedMinor, foundMinor }];
    }),
  );
  const isVerified = read.length > 0 && unsure.size === 0;
  return {
    verdict: differences.length > 0 ? 'wrong' : isVerified ? 'balanced' : 'unverified',
    accounts: read.length === 0 ? 0 : sure.length,
    totalMinor: sure.reduce((sum, [, balance]) => sum + balance, 0n),
    readIn: read.map(({ region }) => region),
    notReadIn: statements.filter(({ balances }) => balances === undefined).map(({ region }) => region),
    differences: differences.slice(0, MAX_DIFFERENCES),
  };
}
