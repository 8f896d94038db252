import { v7 } from 'uuid';
import { platform } from '../../client/environment.ts';
import { BankClient, type BankClientOptions, type Moved, type MoveOptions } from '../../client/index.ts';
import type { Minting } from './messages.ts';

/** The key that is made of this. */
export function keyOf({ timeMs, random }: Minting): string {
  return v7({ msecs: timeMs, random });
}

/** What a new key can be made of. */
export function mintingAt(timeMs: number): Minting {
  return { timeMs, random: platform.randomBytes(16) };
}

/**
 * A client that mints a key itself, and so gives its reply back, but mints the one that the run expects. A key that it
 * is handed it would never give back, because only its owner knows when nobody will retry any more.
 */
export class MintingClient extends BankClient {
  readonly #source: { minting: Minting | undefined };

  constructor(options: BankClientOptions) {
    const source: { minting: Minting | undefined } = { minting: undefined };
    super({
      ...options,
      environment: {
        wallClockMs: () => source.minting?.timeMs ?? platform.wallClockMs(),
        randomBytes: (length) => source.minting?.random ?? platform.randomBytes(length),
      },
    });
    this.#source = source;
  }

  /** What the next key is made of; undefined lets the caller hand one in. */
  set minting(minting: Minting | undefined) {
    this.#source.minting = minting;
  }

  override deposit(account: string, amount: bigint, options: MoveOptions): Promise<Moved> {
    return this.#mint(options, (own) => super.deposit(account, amount, own));
  }

  override withdraw(account: string, amount: bigint, options: MoveOptions): Promise<Moved> {
    return this.#mint(options, (own) => super.withdraw(account, amount, own));
  }

  async #mint(options: MoveOptions, move: (options: MoveOptions) => Promise<Moved>): Promise<Moved> {
    const { minting } = this.#source;
    if (minting === undefined) return await move(options);
    if (keyOf(minting) !== options.key) throw new Error(`minted ${keyOf(minting)} instead of ${options.key}`);
    const { key: _, ...rest } = options;
    return await move(rest);
  }
}
