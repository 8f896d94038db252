import type { Append, Subject } from '../../../functions/bank/append.ts';
import { type Head, type Line, linesOfHead } from '../../../functions/bank/book.ts';
import { bankKeyOfEntry, type Entry } from '../../../functions/bank/entry.ts';
import { MAX_HEAD_ENTRIES } from '../../../functions/bank/limits.ts';
import { isExpired } from '../../../functions/bank/mark.ts';
import { statement } from '../../../functions/bank/statement.ts';
import type { Appended, Cached } from '../../../functions/bank/store.ts';
import { MemoryStore } from '../../../functions/memory/store.ts';
import type { Chance } from '../chance.ts';
import type { RegionName } from './faults.ts';
import { Freezes } from './freezes.ts';
import { Money } from './money.ts';
import { Refunds } from './refunds.ts';

/** A broken invariant, and what was seen. */
export interface Violation {
  readonly invariant: `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 9 | 10 | 11 | 12}` | 'liveness';
  readonly message: string;
}

/** Longest time until a reply that was cached in one Region can be read in the other, in milliseconds. */
const MAX_CACHE_LAG_MS = 60_000;

/** Longest that a transfer or a refund may be under way without a retry, after the last fault. */
const MAX_TRANSFER_MS = 2 * 60_000;

/** Lines in one part of a statement: few, so that reading takes many parts. */
const STATEMENT_LINES = 7;

/**
 * The tables of both Regions: strongly consistent heads and pages, which are the model, and a cache that each Region sees a
 * little late. Every change is checked against the invariants as it is made.
 */
export class Tables {
  readonly violations: Violation[] = [];
  readonly model: MemoryStore;
  /** Everything that was ever appended, by account, in order. The tables cannot see it. */
  readonly appended = new Map<string, Entry[]>();
  /** Called when the sweep has something to look at. */
  onDue: () => void = () => {};
  /** When the last fault ended; undefined until then. */
  healedMs: number | undefined;
  /** Writes of several calls at once. */
  batches = 0;
  readonly #cachedIn = new Map<string, { readonly region: RegionName; readonly atMs: number }>();
  readonly #nowMs: () => number;
  readonly money = new Money();
  readonly #freezes = new Freezes();
  readonly #refunds = new Refunds();
  /** When transfers began that are under way, by account and id. */
  readonly #begun = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.model = new MemoryStore(nowMs);
  }

  async append(append: Append): Promise<Appended> {
    const { account, entries } = append;
    const before = this.model.head(account);
    const result = await this.model.append(append);
    if (!result.written) {
      return result;
    }
    const all = this.appended.get(account) ?? [];
    this.appended.set(account, all);
    this.#check(account, before, result.head);
    for (const entry of entries) {
      if (all.some(({ key }) => key === entry.key)) {
        this.#violate('I3', `${account}: ${entry.key} is there twice`);
      }
      all.push(entry);
      for (const message of this.#refunds.follow(account, entry, result.head)) {
        this.#violate('I12', message);
      }
      for (const message of this.#freezes.follow(account, entry, result.head)) {
        this.#violate('I11', message);
      }
      this.#timeTransfer(account, entry);
    }
    for (const message of this.money.follow(account, entries, this.model.heads)) {
      this.#violate('I10', message);
    }
    this.batches += entries.length > 1 ? 1 : 0;
    if (result.head.dueAtMs !== undefined) {
      this.onDue();
    }
    return result;
  }

  async reschedule(account: string, due: Parameters<MemoryStore['reschedule']>[1]): Promise<void> {
    await this.model.reschedule(account, due);
    this.onDue();
  }

  /** When the sweep has to look at some account first, in milliseconds since 1970. */
  earliestDue(): number | undefined {
    const dues = [...this.model.heads.values()].flatMap(({ dueAtMs }) => dueAtMs ?? []);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  /** Nothing is under way, and no hold has expired, in the end. A clock may be off by `clockErrorMs`. */
  checkNothingIsLeft(clockErrorMs: number): void {
    for (const message of this.#refunds.audit(this.model.heads)) {
      this.#violate('I12', message);
    }
    for (const [account, { marks, dueAtMs }] of this.model.heads) {
      for (const [key, mark] of marks) {
        if (mark.kind === 'transfer' || mark.kind === 'refund') {
          this.#violate('liveness', `${account}: ${mark.kind} ${key} never ended`);
        }
        if (isExpired(mark, this.#nowMs() - clockErrorMs)) {
          this.#violate('liveness', `${account}: hold ${key} has expired, and nothing has written it`);
        }
      }
      if ((dueAtMs === undefined) !== (marks.size === 0)) {
        this.#violate('liveness', `${account}: ${marks.size} marks are due at ${dueAtMs}`);
      }
    }
  }

  /** The index may be behind, and name a page that is too late, or none. */
  async findPage(subject: Subject, chance: Chance): Promise<number | undefined> {
    const place = await this.model.findPage(subject);
    if (place === undefined || chance.happens(0.1)) {
      return undefined;
    }
    return chance.happens(0.1) ? place + chance.whole(0, 100) : place;
  }

  async dropPage(account: string, page: Parameters<MemoryStore['dropPage']>[1]): Promise<void> {
    const before = this.model.head(account);
    await this.model.dropPage(account, page);
    this.#check(account, before, this.model.head(account));
  }

  async cache(account: string, lines: readonly Line[], region: RegionName): Promise<void> {
    await this.model.cache(account, lines);
    for (const { entry } of lines) {
      const place = `${account} ${entry.key}`;
      if (!this.#cachedIn.has(place)) {
        this.#cachedIn.set(place, { region, atMs: this.#nowMs() });
      }
    }
  }

  async readCache(subject: Subject, region: RegionName): Promise<Cached | undefined> {
    const origin = this.#cachedIn.get(`${subject.account} ${subject.key}`);
    const isBehind =
      origin !== undefined && origin.region !== region && this.#nowMs() - origin.atMs < MAX_CACHE_LAG_MS;
    return isBehind ? undefined : await this.model.readCache(subject);
  }

  /** Forgets what has expired, as DynamoDB's time to live does, and some of what has not: the cache may be lost. */
  expire(chance: () => number): void {
    for (const [place, { expiresAtMs }] of this.model.cached) {
      if (chance() < (expiresAtMs < this.#nowMs() ? 0.5 : 0.05)) {
        this.model.cached.delete(place);
      }
    }
  }

  /** Compares every book, read as callers read it, with all that was appended (I2, I6, I9). */
  async audit(): Promise<void> {
    for (const [account, all] of this.appended) {
      const lines = await this.#read(account, (next = 0) => ({ after: next }));
      const backwards = await this.#read(account, (next) => ({ before: next }));
      let balanceMinor = 0n;
      let heldMinor = 0n;
      for (const [index, entry] of all.entries()) {
        balanceMinor += entry.changeMinor;
        heldMinor += entry.heldChangeMinor;
        for (const line of [lines[index], backwards[all.length - 1 - index]]) {
          const isRight = line?.balanceMinor === balanceMinor && line.heldMinor === heldMinor;
          if (line?.entry !== entry || line.sequence !== index + 1 || !isRight) {
            this.#violate('I6', `${account}: entry ${index + 1} is not what happened`);
          }
        }
      }
      if (lines.length !== all.length || backwards.length !== all.length) {
        this.#violate('I6', `${account}: ${lines.length} lines of ${all.length}`);
      }
      const head = this.model.head(account);
      if ((head.balanceMinor ?? 0n) !== balanceMinor || head.heldMinor !== heldMinor) {
        this.#violate('I2', `${account} is not the sum of its book, ${balanceMinor} and ${heldMinor} held`);
      }
      for (const line of lines) {
        const cached = this.model.cached.get(`${account} ${line.entry.key}`)?.cached;
        if (
          cached?.kind === 'line' &&
          (cached.line.balanceMinor !== line.balanceMinor || cached.line.heldMinor !== line.heldMinor)
        ) {
          this.#violate('I9', `${account}: the cached reply of ${line.entry.key} is another one`);
        }
      }
    }
  }

  /** A whole statement, part by part; `from` says where the next one begins, given the end of the last one. */
  async #read(
    account: string,
    from: (next: number | undefined) => { after: number } | { before: number | undefined },
  ): Promise<Line[]> {
    const { signal } = new AbortController();
    const lines: Line[] = [];
    for (let next: number | undefined; ; ) {
      const part = await statement(this.model, account, { ...from(next), limit: STATEMENT_LINES }, signal);
      lines.push(...(part?.lines ?? []));
      if (part?.next === undefined) {
        return lines;
      }
      next = part.next;
    }
  }

  /** The line of a key, however old. */
  lineOf(account: string, key: string): Pick<Line, 'entry' | 'balanceMinor'> | undefined {
    let balanceMinor = 0n;
    for (const entry of this.appended.get(account) ?? []) {
      balanceMinor += entry.changeMinor;
      if (entry.key === key) {
        return { entry, balanceMinor };
      }
    }
    return undefined;
  }

  #timeTransfer(account: string, entry: Entry): void {
    const id = bankKeyOfEntry(account, entry);
    const place = `${account} ${id ?? entry.key}`;
    if (id !== undefined) {
      this.#begun.set(place, this.#nowMs());
      return;
    }
    const begunMs = this.#begun.get(place);
    if (begunMs === undefined) {
      return;
    }
    this.#begun.delete(place);
    if (this.healedMs === undefined) {
      return;
    }
    const tookMs = this.#nowMs() - Math.max(begunMs, this.healedMs);
    if (tookMs > MAX_TRANSFER_MS) {
      this.#violate('liveness', `${account}: a transfer took ${tookMs} ms`);
    }
  }

  #check(account: string, before: Head, after: Head): void {
    const { balanceMinor = 0n, heldMinor, entries, turned } = after;
    if (balanceMinor < 0n || heldMinor < 0n) {
      this.#violate('I1', `${account} holds ${balanceMinor}, ${heldMinor}`);
    }
    if (before.turned > turned || (before.watermark ?? '') > (after.watermark ?? '')) {
      this.#violate('I6', `turned or watermark of ${account} fell`);
    }
    const sum = linesOfHead(after).at(-1)?.balanceMinor ?? balanceMinor;
    if (sum !== balanceMinor) {
      this.#violate('I2', `${account}: the head ends with ${sum} and holds ${balanceMinor}`);
    }
    if (entries.length > MAX_HEAD_ENTRIES) {
      this.#violate('I7', `${account} has ${entries.length} entries`);
    }
  }

  #violate(invariant: Violation['invariant'], message: string): void {
    this.violations.push({ invariant, message });
  }
}
