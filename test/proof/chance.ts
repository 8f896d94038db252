import { chanceFrom } from '../support/seed.ts';

/** Everything that is left to chance, from one seed. */
export class Chance {
  /** A number from 0 up to 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = chanceFrom(seed);
  }

  /** True with this probability, from 0 to 1. */
  happens(often: number): boolean {
    return this.next() < often;
  }

  /** A whole number from one to another, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[Math.floor(this.next() * from.length)] as T;
  }

  /** Most often short, sometimes very long: between two times in milliseconds, evenly over their logarithms. */
  spread(fromMs: number, toMs: number): number {
    return fromMs * (toMs / fromMs) ** this.next();
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.next() * 256));
  }

  /** An independent chance: how much one part draws does not change what another part draws. */
  fork(): Chance {
    return new Chance(Math.floor(this.next() * 2 ** 31));
  }
}
