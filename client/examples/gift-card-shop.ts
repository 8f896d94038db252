import { type BankClient, type Entry, keyFor, type RefusalCode, RefusedError } from 'twinbank-client';

/**
 * A sale, an order or a return in the database of the shop. The keys of its calls are made from it, so a shop that crashed makes the same
 * keys again, and each call takes effect once.
 */
export interface ShopRecord {
  readonly id: string;
  readonly createdAt: Date;
}

/** The totals of all cards until a given time, in cents. */
export interface Audit {
  readonly issued: bigint;
  readonly redeemed: bigint;
  readonly refunded: bigint;
  /** What customers can still spend, so what the shop owes. */
  readonly outstanding: bigint;
}

/** A shop that sells gift cards. A card is an account of the bank, and its number is the name of the account. */
export class GiftCardShop {
  readonly #bank: BankClient;

  constructor(bank: BankClient) {
    this.#bank = bank;
  }

  /** Issues a card. */
  async issue(sale: ShopRecord, card: string, amount: bigint): Promise<void> {
    await this.#bank.deposit(card, amount, await step(sale, 'issue'));
  }

  /** Redeems an amount at the counter. If the card cannot pay, returns the reason. */
  async redeem(sale: ShopRecord, card: string, amount: bigint): Promise<'paid' | RefusalCode> {
    return await orRefusal('paid', this.#bank.withdraw(card, amount, await step(sale, 'redeem')));
  }

  /** Holds the price of an order at checkout, so that the money cannot be spent on anything else. The hold expires after three days. */
  async checkout(order: ShopRecord, card: string, amount: bigint): Promise<'held' | RefusalCode> {
    const options = { ...(await step(order, 'checkout')), expiresInSeconds: 3 * 86_400 };
    return await orRefusal('held', this.#bank.hold(card, amount, options));
  }

  /** Takes the final price when the order is shipped. The rest of the hold is released. */
  async ship(order: ShopRecord, card: string, amount: bigint): Promise<'paid' | RefusalCode> {
    const { key: hold } = await step(order, 'checkout');
    return await orRefusal(
      'paid',
      this.#bank.capture(card, hold, { ...(await step(order, 'ship')), amount }),
    );
  }

  /** Refunds a part of an order that was shipped. All refunds together never exceed its price. */
  async takeBack(
    back: ShopRecord,
    order: ShopRecord,
    card: string,
    amount: bigint,
  ): Promise<'refunded' | RefusalCode> {
    const { key: shipped } = await step(order, 'ship');
    return await orRefusal(
      'refunded',
      this.#bank.refund(card, shipped, { ...(await step(back, 'refund')), amount }),
    );
  }

  /** The statement of a card, oldest entry first. */
  statement(card: string): AsyncIterable<Entry> {
    return this.#bank.entries(card, { after: 0 });
  }

  /** Adds up the statements of the cards until a given time, such as the end of a month. Throws if the books do not balance. */
  async audit(cards: readonly string[], until: Date): Promise<Audit> {
    let [issued, redeemed, refunded, outstanding] = [0n, 0n, 0n, 0n];
    for (const card of cards) {
      // The balance of the last entry is used: a separate read of the balance could include later entries.
      let [left, held] = [0n, 0n];
      for await (const { at, type, amount = 0n, change, heldChange = 0n, balance } of this.statement(card)) {
        if (at > until) {
          break;
        }
        left = balance;
        held += heldChange;
        issued += type === 'deposit' ? amount : 0n;
        redeemed += type === 'withdrawal' || type === 'capture' ? amount : 0n;
        refunded += type === 'refunded' ? change : 0n;
      }
      outstanding += left + held;
    }
    if (issued - redeemed + refunded !== outstanding) {
      throw new Error(
        `${issued} issued, ${redeemed} redeemed, ${refunded} refunded, but ${outstanding} left`,
      );
    }
    return { issued, redeemed, refunded, outstanding };
  }
}

/** The key of a step, and its text in the statement. */
async function step({ id, createdAt }: ShopRecord, name: string) {
  return { key: await keyFor(`${id}:${name}`, { at: createdAt }), reference: id };
}

/** Returns the code of a refusal, for the customer. Throws every other error: then call again with the same record. */
async function orRefusal<Done>(done: Done, call: Promise<unknown>): Promise<Done | RefusalCode> {
  try {
    await call;
    return done;
  } catch (error) {
    if (error instanceof RefusedError && error.retryWith !== 'same key') {
      return error.code;
    }
    throw error;
  }
}
