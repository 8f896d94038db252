import type { Account, Recorded, Subject } from '../../functions/core/account.ts';
import type { Change } from '../../functions/core/decide.ts';
import { RETENTION_MS } from '../../functions/core/limits.ts';
import type { RecordedByKey, WriteResult } from '../../functions/core/store.ts';
import { ModelStore } from '../support/model-store.ts';
import type { RegionName } from './faults.ts';

/** Something that must never be, with what was seen of it. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'liveness';
  readonly says: string;
}

/** Longest time until a reply that was archived in one Region can be read in the other, in milliseconds. */
const MAX_ARCHIVE_LAG_MS = 60_000;

/** Replies of calls in flight may go past the thousand at which an account is marked as full. */
const MAX_REPLIES = 1_200;

/**
 * The tables of both Regions: one strongly consistent table of accounts, which is the model, and an archive that each
 * Region sees a little late. Every change is held against the invariants as it is made.
 */
export class Tables {
  readonly violations: Violation[] = [];
  readonly accounts: ModelStore;
  /** What was moved by each key, for ever: the table itself forgets. */
  readonly #executed = new Map<string, bigint>();
  readonly #archivedIn = new Map<string, { readonly region: RegionName; readonly atMs: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.accounts = new ModelStore(nowMs);
  }

  async write(change: Change): Promise<WriteResult> {
    const name = change.call.account;
    const before = this.accounts.accounts.get(name);
    const result = await this.accounts.write(change);
    if (result.written) {
      if (change.kind === 'execute') this.#enter(change.call.key, name, before, result.account);
      this.#check(name, before, result.account);
    }
    return result;
  }

  async dropArchived(name: string, keys: readonly string[]): Promise<void> {
    const before = this.accounts.accounts.get(name);
    await this.accounts.dropArchived(name, keys);
    const after = this.accounts.accounts.get(name);
    if (after === undefined) return;
    this.#check(name, before, after);
    const uncovered = keys.find((key) => before?.recorded.has(key) && !(key <= (after.watermark ?? '')));
    if (uncovered !== undefined) this.#violate('I6', `${name}: ${uncovered} left above the watermark`);
  }

  async archive(account: string, replies: RecordedByKey, region: RegionName): Promise<void> {
    await this.accounts.archive(account, replies);
    for (const key of replies.keys()) {
      const place = `${account} ${key}`;
      if (!this.#archivedIn.has(place)) this.#archivedIn.set(place, { region, atMs: this.#nowMs() });
    }
  }

  /** DynamoDB deletes what has expired late, or not at all; a reader must not tell the difference. */
  async readArchived(subject: Subject, region: RegionName): Promise<Recorded | undefined> {
    const origin = this.#archivedIn.get(`${subject.account} ${subject.key}`);
    const isBehind = origin?.region !== region && this.#nowMs() - (origin?.atMs ?? 0) < MAX_ARCHIVE_LAG_MS;
    return isBehind ? undefined : await this.accounts.readArchived(subject);
  }

  /** Forgets what has expired, as DynamoDB's time to live does, some of it. */
  expire(chance: () => number): void {
    for (const [place, { expiresAtMs }] of this.accounts.archived) {
      if (expiresAtMs < this.#nowMs() && chance() < 0.5) this.accounts.archived.delete(place);
    }
  }

  /** Holds the balances against everything that was ever executed (I2). */
  audit(): void {
    for (const [name, { balanceMinor }] of this.accounts.accounts) {
      const moved = [...this.#executed].filter(([place]) => place.startsWith(`${name} `));
      const sum = moved.reduce((total, [, amount]) => total + amount, 0n);
      if ((balanceMinor ?? 0n) !== sum)
        this.#violate('I2', `${name} holds ${balanceMinor} instead of ${sum}`);
    }
  }

  /** True when a key has ever moved anything. */
  wasExecuted(account: string, key: string): boolean {
    return this.#executed.has(`${account} ${key}`);
  }

  get oldestRetainedMs(): number {
    return this.#nowMs() - RETENTION_MS;
  }

  #enter(key: string, name: string, before: Account | undefined, after: Account): void {
    const place = `${name} ${key}`;
    if (this.#executed.has(place)) this.#violate('I3', `${name}: ${key} was executed once more`);
    const difference = (after.balanceMinor ?? 0n) - (before?.balanceMinor ?? 0n);
    this.#executed.set(place, (this.#executed.get(place) ?? 0n) + difference);
  }

  #check(name: string, before: Account | undefined, after: Account): void {
    if ((after.balanceMinor ?? 0n) < 0n) this.#violate('I1', `${name} holds ${after.balanceMinor}`);
    if ((before?.watermark ?? '') > (after.watermark ?? ''))
      this.#violate('I6', `the watermark of ${name} fell`);
    if (after.recorded.size > MAX_REPLIES) {
      this.#violate('I7', `${name} remembers ${after.recorded.size} replies`);
    }
  }

  #violate(invariant: Violation['invariant'], says: string): void {
    this.violations.push({ invariant, says });
  }
}
