import { isRecorded } from '../contract/problems.ts';
import type { Entry, RefusalCode } from '../index.ts';
import type { Move } from './call.ts';
import { type CallRecord, finalOutcome, isMove, type MoveRecord } from './ledger.ts';

/** What was found in one statement. */
export interface StatementFindings {
  readonly checked: number;
  readonly broken: readonly string[];
  /** Why it could not be read. */
  readonly open?: string;
}

/**
 * Compares the statement of one account, oldest entry first and with refusals, with itself and with what callers were answered:
 * every call once, in its place, and nothing else. It is given entry by entry, because it may be longer than memory.
 */
export class StatementCheck {
  readonly #moves = new Map<string, MoveRecord>();
  readonly #seen = new Set<string>();
  readonly #broken: string[] = [];
  #entries = 0;
  #balanceMinor = 0n;

  /** `records` are those of the account. */
  constructor(records: readonly CallRecord[]) {
    for (const record of records) {
      if (isMove(record) && record.key !== undefined) {
        this.#moves.set(record.key, record);
      }
    }
  }

  add(entry: Entry): void {
    const { sequence, key, change, balance } = entry;
    const expectedMinor = this.#balanceMinor + change;
    this.#entries += 1;
    this.#balanceMinor = balance;
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
    } else if (change !== 0n || entry.type !== 'refused' || entry.code !== 'key_expired') {
      // A client that minted a key by a wrong clock was refused, and minted another.
      this.#broken.push(`no call had the key ${key}: ${formatEntry(entry)}`);
    }
  }

  /** What was found, once every entry was added. */
  finish(): StatementFindings {
    for (const [key, record] of this.#moves) {
      if (!this.#seen.has(key)) {
        this.#compare(key, record, undefined);
      }
    }
    return { checked: this.#entries + this.#moves.size, broken: this.#broken };
  }

  #compare(key: string, record: MoveRecord, entry: Entry | undefined): void {
    const answered = contradiction(record, entry);
    if (answered !== undefined) {
      const found = entry === undefined ? 'it has no entry' : formatEntry(entry);
      this.#broken.push(`${key} was answered "${answered}": ${found}`);
    }
  }
}

/** What was added to the balance when a call was executed. */
export function changeOf({ call }: MoveRecord): bigint {
  return call.kind === 'deposit' ? call.amountMinor : -call.amountMinor;
}

/** What a call was answered, where its entry says otherwise. */
function contradiction(record: MoveRecord, entry: Entry | undefined): string | undefined {
  const { call } = record;
  const outcome = finalOutcome(record);
  switch (outcome.kind) {
    case 'executed': {
      const agrees =
        entry?.balance === outcome.balanceMinor &&
        entry.change === changeOf(record) &&
        entry.type === (call.kind === 'deposit' ? 'deposit' : 'withdrawal') &&
        entry.sequence === (outcome.sequence ?? entry.sequence) &&
        entry.reference === call.reference;
      return agrees ? undefined : `executed, ${outcome.balanceMinor} after it`;
    }
    case 'refused':
      return agreesWithRefusal(call, outcome.code, entry) ? undefined : outcome.code;
    case 'not_executed':
      return (entry?.change ?? 0n) === 0n ? undefined : 'certainly not executed';
    case 'unknown':
      return [undefined, 0n, changeOf(record)].includes(entry?.change) ? undefined : 'unknown';
  }
}

function agreesWithRefusal(call: Move, code: RefusalCode, entry: Entry | undefined): boolean {
  if (code === 'key_reused') {
    // Each call has a key of its own.
    return false;
  }
  if (!isRecorded(code)) {
    return (entry?.change ?? 0n) === 0n;
  }
  if (code === 'cancelled') {
    return entry?.type === 'cancelled' && entry.change === 0n;
  }
  return (
    entry?.type === 'refused' &&
    entry.code === code &&
    entry.change === 0n &&
    entry.amount === call.amountMinor &&
    entry.reference === call.reference
  );
}

function formatEntry({ sequence, type, code, change, balance, reference }: Entry): string {
  const words = [type, code, `change ${change}`, `balance ${balance}`, reference];
  return `entry ${sequence} is ${words.filter((word) => word !== undefined).join(', ')}`;
}
