import { v7 } from 'uuid';

/** A key as a client with this clock would mint it. */
export function keyAt(timeMs: number): string {
  return v7({ msecs: timeMs, random: crypto.getRandomValues(new Uint8Array(16)) });
}

/** A key minted now. */
export function newKey(): string {
  return keyAt(Date.now());
}
