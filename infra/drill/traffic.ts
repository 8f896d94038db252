/** Where the calls of all clients go: the moments at which they left the preferred Region and came back. */
export class Traffic {
  readonly #nowMs: () => number;
  readonly #away = new Set<number>();
  /** How often a client went over to another Region. */
  failovers = 0;
  /** When the first client went, and when the last one that had gone was back, by the clock of the drill. */
  firstLeftMs: number | undefined;
  allBackMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Number of clients whose calls go elsewhere. */
  get away(): number {
    return this.#away.size;
  }

  leave(client: number): void {
    this.failovers += 1;
    this.firstLeftMs ??= this.#nowMs();
    this.#away.add(client);
  }

  comeBack(client: number): void {
    this.#away.delete(client);
    if (this.#away.size === 0) this.allBackMs = this.#nowMs();
  }
}
