import { isRecorded } from '../contract/problems.ts';
import type { Entry } from '../index.ts';
import type { CallRecord, Executed, MoveRecord } from './call.ts';
import { executedEntry, formatEntry, isAs, isNothing, refusedEntry } from './entry.ts';
import { finalOutcome, isMove, isReturned } from './ledger.ts';
import { amountOf, expiresSoon } from './money.ts';

/** The result of checking one statement. */
export interface StatementFindings {
  readonly checked: number;
  readonly broken: readonly string[];
  /** What the bank must still end by itself: transfers and refunds under way, and holds that have expired. */
  readonly unfinished: readonly string[];
  /** Why it could not be read. */
  readonly open?: string;
}

/**
 * Checks the statement of one account, oldest entry first and with refusals, against itself and against the answers to the callers. It must
 * have every call once, in its place; every transfer to the account once; every end of a transfer from the account or of a refund once; and
 * nothing else that moved money. Entries are added one by one, because a statement may be larger than memory.
 */
export class StatementCheck {
  readonly #moves = new Map<string, MoveRecord>();
  /** Transfers to the account, by payer and key. */
  readonly #incoming = new Map<string, MoveRecord>();
  readonly #seen = new Set<string>();
  /** The transfers to the account that have their entry. */
  readonly #arrived = new Set<string>();
  /** The entries of transfers and refunds that have not ended; and of each hold, its entry and what is left. */
  readonly #underWay = new Map<string, Entry>();
  readonly #holds = new Map<string, { readonly made: Entry; readonly leftMinor: bigint }>();
  readonly #broken: string[] = [];
  #entries = 0;
  #balanceMinor = 0n;
  #heldMinor = 0n;

  /** `records` are the calls of the account, and the transfers to it. */
  constructor(account: string, records: readonly CallRecord[]) {
    for (const record of records) {
      if (!isMove(record) || record.key === undefined) {
        continue;
      }
      if (record.call.account === account) {
        this.#moves.set(record.key, record);
      } else {
        this.#incoming.set(`${record.call.account} ${record.key}`, record);
      }
    }
  }

  add(entry: Entry): void {
    const { sequence, key, change, heldChange = 0n, balance } = entry;
    const expectedMinor = this.#balanceMinor + change;
    this.#entries += 1;
    this.#balanceMinor = balance;
    this.#heldMinor += heldChange;
    if (sequence !== this.#entries) {
      this.#broken.push(`entry ${sequence} is in the place of entry ${this.#entries}`);
    } else if (balance !== expectedMinor) {
      this.#broken.push(`entry ${sequence} has the balance ${balance} instead of ${expectedMinor}`);
    }
    if (this.#seen.has(key)) {
      this.#broken.push(`${key} has a second entry: ${formatEntry(entry)}`);
    }
    this.#seen.add(key);
    const record = this.#moves.get(key);
    if (record !== undefined) {
      this.#compare(key, record, entry);
    } else if (!this.#isOfTheBank(entry) && !isHarmless(entry)) {
      this.#broken.push(`no call had the key ${key}: ${formatEntry(entry)}`);
    }
    this.#follow(entry);
  }

  /** Returns the result, after the last entry was added. */
  finish(): StatementFindings {
    for (const [key, record] of this.#moves) {
      if (!this.#seen.has(key)) {
        this.#compare(key, record, undefined);
      }
    }
    for (const [transfer, record] of this.#incoming) {
      if (finalOutcome(record).kind === 'executed' && !this.#arrived.has(transfer)) {
        this.#broken.push(`the transfer ${transfer} was executed, and has no credit`);
      }
    }
    const expired = [...this.#holds.keys()].filter((key) => {
      const record = this.#moves.get(key);
      return record !== undefined && expiresSoon(record);
    });
    return {
      checked: this.#entries + this.#moves.size + this.#incoming.size,
      broken: this.#broken,
      unfinished: [
        ...[...this.#underWay].map(
          ([key, { type }]) => `the ${type === 'refund' ? type : 'transfer'} ${key} is under way`,
        ),
        ...expired.map((key) => `the hold ${key} has expired, and no entry says so`),
      ],
    };
  }

  #compare(key: string, record: MoveRecord, entry: Entry | undefined): void {
    const answered = this.#contradiction(record, entry);
    if (answered !== undefined) {
      const found = entry === undefined ? 'it has no entry' : formatEntry(entry);
      this.#broken.push(`${key} was answered "${answered}": ${found}`);
    }
  }

  /** Returns the answer to a call, in words, if its entry contradicts it. */
  #contradiction(record: MoveRecord, entry: Entry | undefined): string | undefined {
    const outcome = finalOutcome(record);
    const expected = executedEntry(record, this.#leftOf(record));
    const isExecuted = entry !== undefined && expected !== undefined && isAs(entry, expected);
    switch (outcome.kind) {
      case 'executed': {
        const { balanceMinor, heldMinor, amountMinor } = outcome;
        // The answer to a refund is that of the entry that ends it.
        const isAnswered = entry?.type === 'refund' || isAt(entry, outcome);
        const agrees =
          isExecuted &&
          isAnswered &&
          this.#heldMinor === (heldMinor ?? this.#heldMinor) &&
          entry.amount === (amountMinor ?? entry.amount);
        return agrees ? undefined : `executed, ${balanceMinor} after it`;
      }
      case 'refused': {
        const { code } = outcome;
        const isRefused = isRecorded(code)
          ? entry !== undefined && isAs(entry, refusedEntry(record, code))
          : // Each call of a load has its own key, so none can be reused.
            code !== 'key_reused' && isNothing(entry);
        // A refund of too much is refused either before it begins, or afterwards, and then returned.
        const isEither = record.call.kind === 'refund' && isRefused;
        return (isReturned(record) ? isExecuted || isEither : isRefused) ? undefined : code;
      }
      case 'not_executed':
        return isNothing(entry) ? undefined : 'certainly not executed';
      case 'unknown':
        return isNothing(entry) || isExecuted ? undefined : 'unknown';
    }
  }

  /** What is left of the hold that a call names. */
  #leftOf({ call }: MoveRecord): bigint {
    return 'hold' in call ? (this.#holds.get(call.hold)?.leftMinor ?? 0n) : 0n;
  }

  /** True for an entry under a key that the bank made, if it must come at some time and has not come before. */
  #isOfTheBank(entry: Entry): boolean {
    const { type, code, transfer = '', other = '', hold = '', refund } = entry;
    if (refund !== undefined) {
      return this.#isEndOf(refund, entry);
    }
    switch (type) {
      case 'settled':
      case 'returned': {
        const began = this.#underWay.get(transfer);
        const { amount = 0n } = began ?? {};
        const moved = { amount, change: type === 'settled' ? 0n : amount, heldChange: -amount };
        return (
          began !== undefined &&
          isAs(entry, { type, code, ...moved, other: began.other, transfer }) &&
          mayEnd(this.#moves.get(transfer), type === 'returned', code)
        );
      }
      case 'credit':
      case 'refused': {
        const record = this.#incoming.get(`${other} ${transfer}`);
        if (record === undefined || this.#arrived.has(`${other} ${transfer}`)) {
          return false;
        }
        // Only the answer to a capture of all that remained says how much that was.
        const amount = amountOf(record) || entry.amount || 0n;
        const change = type === 'credit' ? amount : 0n;
        const { reference } = record.call;
        return (
          isAs(entry, { type, code, amount, change, reference, other, transfer }) &&
          mayEnd(record, type === 'refused', code)
        );
      }
      case 'expired': {
        const { made, leftMinor = 0n } = this.#holds.get(hold) ?? {};
        const moved = { amount: leftMinor, change: leftMinor, heldChange: -leftMinor };
        return (
          made !== undefined &&
          isAs(entry, { type, ...moved, hold }) &&
          entry.at.getTime() >= made.at.getTime() + secondsOf(this.#moves.get(hold)) * 1000
        );
      }
      default:
        return false;
    }
  }

  /** True for the end of a refund that is under way, if it agrees with the answer to the caller. */
  #isEndOf(refund: string, entry: Entry): boolean {
    const { type, code } = entry;
    const began = this.#underWay.get(refund);
    const record = this.#moves.get(refund);
    const outcome = record === undefined ? undefined : finalOutcome(record);
    const isBack = type === 'returned';
    const moved = isBack ? { change: 0n } : { amount: began?.amount, change: began?.amount ?? 0n };
    return (
      began?.type === 'refund' &&
      isAs(entry, { type: isBack ? type : 'refunded', code, ...moved, call: began.call, refund }) &&
      mayEnd(record, isBack, code) &&
      (outcome?.kind !== 'executed' || isAt(entry, outcome))
    );
  }

  /** Remembers what an entry begins, and removes what it ends. */
  #follow(entry: Entry): void {
    const { key, type, transfer = '', other = '', hold = '', refund, amount = 0n, change } = entry;
    const { made = entry, leftMinor = 0n } = this.#holds.get(hold) ?? {};
    switch (type) {
      case 'hold':
        this.#holds.set(key, { made, leftMinor: amount });
        break;
      case 'capture':
        this.#holds.set(hold, { made, leftMinor: leftMinor - amount - change });
        break;
      case 'settled':
      case 'returned':
      case 'refunded':
        this.#underWay.delete(refund ?? transfer);
        break;
      case 'credit':
      case 'refused':
        this.#arrived.add(`${other} ${transfer}`);
        break;
    }
    if (['void', 'expired'].includes(type) || (this.#holds.get(hold)?.leftMinor ?? 0n) <= 0n) {
      this.#holds.delete(hold);
    }
    if (type === 'refund' || (transfer === key && type !== 'refused')) {
      this.#underWay.set(key, entry);
    }
  }
}

/**
 * True for an entry that moved nothing and belongs to no call of the load: an operator froze or opened the account, or a client minted a key
 * with a wrong clock, was refused, and minted another key.
 */
function isHarmless({ type, code, change, heldChange = 0n }: Entry): boolean {
  const isOther = type === 'status' || (type === 'refused' && code === 'key_expired');
  return isOther && change === 0n && heldChange === 0n;
}

/** True if the answer agrees with the entry in its number and balance. */
function isAt(
  entry: Entry | undefined,
  { balanceMinor, sequence = entry?.sequence }: Pick<Executed, 'balanceMinor' | 'sequence'>,
): boolean {
  return entry?.balance === balanceMinor && entry.sequence === sequence;
}

/** True if the answer to the caller allows this end of a transfer or a refund. */
function mayEnd(record: MoveRecord | undefined, isReturn: boolean, code: string | undefined): boolean {
  const outcome = record === undefined ? undefined : finalOutcome(record);
  switch (outcome?.kind) {
    case 'executed':
      return !isReturn;
    case 'refused':
      return isReturn && code === outcome.code;
    case 'unknown':
      return true;
    default:
      return false;
  }
}

/** How long a hold lasts. One without `expiresInSeconds` lasts longer than the run. */
function secondsOf(record: MoveRecord | undefined): number {
  const call = record?.call;
  return call?.kind === 'hold' ? (call.expiresInSeconds ?? Number.POSITIVE_INFINITY) : 0;
}
