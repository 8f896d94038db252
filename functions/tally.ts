/** HTTP attempts that DynamoDB turned away, since they were last taken. A count of 0 is left out. */
export interface RejectedRequests {
  /** Writes that met one of the same item in the other Region. */
  readonly conflicts?: number;
  readonly throttles?: number;
}

const KINDS: ReadonlyMap<string, keyof RejectedRequests> = new Map([
  ['ReplicatedWriteConflictException', 'conflicts'],
  ['ThrottlingException', 'throttles'],
  ['ProvisionedThroughputExceededException', 'throttles'],
  ['RequestLimitExceeded', 'throttles'],
]);

/** Counts errors that later attempts make up for: no metric of DynamoDB counts how often two Regions collide. */
export class Tally {
  #conflicts = 0;
  #throttles = 0;

  /** Counts an attempt's error by its name; others than conflicts and throttles are not counted. */
  readonly count = (errorName: string): void => {
    const kind = KINDS.get(errorName);
    if (kind === 'conflicts') {
      this.#conflicts += 1;
    }
    if (kind === 'throttles') {
      this.#throttles += 1;
    }
  };

  /** Hands over the counts and begins anew, so that each attempt is in one log line. */
  take(): RejectedRequests {
    const taken = {
      ...(this.#conflicts > 0 ? { conflicts: this.#conflicts } : {}),
      ...(this.#throttles > 0 ? { throttles: this.#throttles } : {}),
    };
    this.#conflicts = 0;
    this.#throttles = 0;
    return taken;
  }
}
