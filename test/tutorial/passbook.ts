/** What callers know of their accounts: the answers that they were given, one entry a key. */
export class Passbook {
  readonly #movedMinor = new Map<string, bigint>();

  /** Enters what a caller was told. A retry is given the same reply, so its key is entered once. */
  enter(key: string, movedMinor: bigint): void {
    this.#movedMinor.set(key, movedMinor);
  }

  /** What the accounts must hold if the bank has kept its promises. */
  get balanceMinor(): bigint {
    return [...this.#movedMinor.values()].reduce((sum, moved) => sum + moved, 0n);
  }
}

/** Whether a balance is what callers were told, and that in words. */
interface Verdict {
  readonly right: boolean;
  readonly words: string;
}

/** Holds the balance of an account, or of all, against the callers' passbook. */
export function verdictOn(balanceMinor: bigint, bookMinor: bigint, said = 'The balance is'): Verdict {
  const excessMinor = balanceMinor - bookMinor;
  if (excessMinor === 0n) {
    return { right: true, words: `${said} ${balanceMinor}, and the callers' book says the same.` };
  }
  const wrong =
    excessMinor < 0n ? `${-excessMinor} are missing` : `the bank has paid ${excessMinor} too much`;
  return {
    right: false,
    words: `${said} ${balanceMinor}, and the callers' book says ${bookMinor}: ${wrong}.`,
  };
}
