/** A number that was measured several times. */
export interface Spread {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
  readonly samples: number;
}

/** Throws RangeError without samples, or when one is not a number. */
export function spreadOf(samples: readonly number[]): Spread {
  return {
    median: quantile(samples, 0.5),
    p25: quantile(samples, 0.25),
    p75: quantile(samples, 0.75),
    samples: samples.length,
  };
}

/** The quantile as R, NumPy and Excel compute it: linear between the two nearest samples (type 7 of Hyndman and Fan, 1996). */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  const value = below + (above - below) * (position - Math.floor(position));
  if (!samples.every(Number.isFinite) || !Number.isFinite(value)) {
    throw new RangeError(`expected at least one sample, all of them numbers, got [${samples.join(', ')}]`);
  }
  return value;
}

/** What one round has measured of each side. */
type Round<Name extends string, Slice> = Readonly<Record<Name, Slice>>;

/**
 * Measures the sides one after the other, round by round, so that whatever else the machine does slows all of them alike.
 * Ratios are to be taken within a round. The order rotates: no side always comes first, or always after the same one.
 *
 * The first round is dropped. It compiles the code and opens the connections.
 */
export async function interleave<Name extends string, Slice>(
  sides: Readonly<Record<Name, (isWarmUp: boolean) => Promise<Slice>>>,
  rounds: number,
  { onRound, signal }: { readonly onRound: (round: number) => void; readonly signal: AbortSignal },
): Promise<readonly Round<Name, Slice>[]> {
  const names = Object.keys(sides) as Name[];
  const measured: Round<Name, Slice>[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    onRound(round);
    const first = round % names.length;
    const slices = new Map<Name, Slice>();
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      signal.throwIfAborted();
      slices.set(name, await sides[name](round === 0));
    }
    if (round > 0) {
      measured.push(Object.fromEntries(slices) as Round<Name, Slice>);
    }
  }
  return measured;
}

/** How one side compares with another, round by round. */
export function ratioOf<Name extends string, Slice>(
  rounds: readonly Round<Name, Slice>[],
  [name, other]: readonly [Name, Name],
  pick: (slice: Slice) => number,
): Spread {
  return spreadOf(rounds.map((round) => pick(round[name]) / pick(round[other])));
}
