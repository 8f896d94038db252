/** HTTP attempts that DynamoDB rejected since the counts were last taken. A count of 0 is left out. */
export interface RejectedRequests {
  /** Writes that met a write of the same item in the other Region. */
  readonly conflicts?: number;
  readonly throttles?: number;
}

const KINDS: ReadonlyMap<string, keyof RejectedRequests> = new Map([
  ['ReplicatedWriteConflictException', 'conflicts'],
  ['ThrottlingException', 'throttles'],
  ['ProvisionedThroughputExceededException', 'throttles'],
  ['RequestLimitExceeded', 'throttles'],
]);

/** Counts errors that a later attempt makes up for: no metric of DynamoDB counts how often two Regions collide. */
export class Tally {
  #counts: { -readonly [Kind in keyof RejectedRequests]: number } = {};

  /** Counts the error of an attempt by its name, if it is a conflict or a throttle. */
  readonly count = (errorName: string): void => {
    const kind = KINDS.get(errorName);
    if (kind !== undefined) {
      this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    }
  };

  /** Returns the counts and starts again from 0, so that each attempt is in one log line. */
  take(): RejectedRequests {
    const taken = this.#counts;
    this.#counts = {};
    return taken;
  }
}
