import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { beforeAll, expect, it } from 'vitest';
import type { Call, Subject } from '../../functions/core/account.ts';
import { moveToArchive } from '../../functions/core/archive.ts';
import type { Answer } from '../../functions/core/decide.ts';
import type { Store } from '../../functions/core/store.ts';
import { tidy } from '../../functions/core/sweep.ts';
import { decodeAccount } from '../../functions/store/item.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { ModelStore } from '../support/model-store.ts';
import { type PlainBank, plainBank } from '../support/plain-bank.ts';
import { ACCOUNTS, type Step, scripts } from '../support/scripts.ts';
import { seedOf } from '../support/seed.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await createLab();
});

/** One bank with its store, to play the same script on. */
interface Side {
  readonly store: Store;
  readonly bank: PlainBank;
}

/** Plays scripts on both sides, and keeps books of what the first one said it had executed. */
class Player {
  /** Money that the answers say was moved, by account. */
  readonly booked = new Map<string, bigint>();
  /** How often the answers say that a key was executed, while its reply was not given back. */
  readonly executions = new Map<string, number>();
  /** What each key was first told to hold, while its reply was not given back. */
  readonly #told = new Map<string, string>();
  readonly #names: readonly string[];
  readonly #sides: readonly [Side, Side];
  readonly #subjects: (Subject & Partial<Call>)[] = [];

  constructor(names: readonly string[], sides: readonly [Side, Side]) {
    this.#names = names;
    this.#sides = sides;
  }

  async play(step: Step): Promise<readonly unknown[]> {
    return await this.#act(step);
  }

  #act(step: Step): Promise<readonly unknown[]> | readonly unknown[] {
    switch (step.kind) {
      case 'call': {
        const call = { ...step, ...this.#subject(step.account, step.keyAgeMs) };
        const gives = step.gives.flatMap((each) => this.#picked(each)?.key ?? []);
        const acknowledge = [...new Set(gives)].filter((key) => key !== call.key);
        return this.#move(call, acknowledge);
      }
      case 'again': {
        const call = this.#picked(step.pick);
        return isCall(call) ? this.#move(this.#changed(call, step.change), []) : [];
      }
      case 'cancel': {
        const subject = this.#picked(step.pick);
        return subject === undefined ? [] : this.#both(({ bank }) => bank.cancel(subject, patient()));
      }
      case 'cancel_new': {
        const subject = this.#subject(step.account, step.keyAgeMs);
        return this.#both(({ bank }) => bank.cancel(subject, patient()));
      }
      case 'acknowledge': {
        const subject = this.#picked(step.pick);
        if (subject === undefined) return [];
        this.#forget(subject.account, subject.key);
        return this.#both(({ bank }) => bank.acknowledge(subject.account, [subject.key], patient()));
      }
      case 'balance':
        return this.#both(({ bank }) => bank.balance(this.#name(step.account), patient()));
      case 'recorded': {
        const subject = this.#picked(step.pick);
        return subject === undefined ? [] : this.#both(({ bank }) => bank.outcome(subject, patient()));
      }
      case 'archive':
        return this.#both(({ store }) => archiveOldest(store, this.#name(step.account), step.count));
      case 'tidy':
        return this.#both(({ store }) => tidyOne(store, this.#name(step.account)));
      case 'later':
        lab.now.ms += step.afterMs;
        return [];
    }
  }

  async #move(call: Call, acknowledge: readonly string[]): Promise<readonly Answer[]> {
    for (const key of acknowledge) this.#forget(call.account, key);
    const answers = await this.#both(({ bank }) => bank.move(call, patient(), acknowledge));
    const [answer] = answers;
    this.#compare(call, answer);
    if (answer?.kind === 'replied' && !answer.replayed && answer.recorded.kind === 'call') {
      if (answer.recorded.reply.kind === 'executed') {
        const subject = `${call.account} ${call.key}`;
        this.executions.set(subject, (this.executions.get(subject) ?? 0) + 1);
        const signed = call.move === 'deposit' ? call.amountMinor : -call.amountMinor;
        this.booked.set(call.account, (this.booked.get(call.account) ?? 0n) + signed);
      }
    }
    return answers;
  }

  /** A key that is given back may be executed again if it is used again: who gives it back promises not to. */
  #forget(name: string, key: string): void {
    this.executions.delete(`${name} ${key}`);
    this.#told.delete(`${name} ${key}`);
  }

  /** Whatever is said of a key is always the same, as long as anything is said (I4). */
  #compare({ account: name, key }: Subject, answer: Answer | undefined): void {
    if (answer?.kind === 'replied') {
      const told = JSON.stringify(answer.recorded, bigints);
      expect(this.#told.get(`${name} ${key}`) ?? told).toBe(told);
      this.#told.set(`${name} ${key}`, told);
    }
  }

  #both<T>(ask: (side: Side) => Promise<T>): Promise<readonly T[]> {
    return Promise.all(this.#sides.map(ask));
  }

  #subject(index: number, ageMs: number): Subject {
    const random = new Uint8Array(16).fill(this.#subjects.length);
    const subject = { account: this.#name(index), key: v7({ msecs: lab.now.ms - ageMs, random }) };
    this.#subjects.push(subject);
    return subject;
  }

  #picked(number: number): (Subject & Partial<Call>) | undefined {
    return this.#subjects[number % Math.max(1, this.#subjects.length)];
  }

  #changed(call: Call, change: Extract<Step, { kind: 'again' }>['change']): Call {
    switch (change) {
      case 'nothing':
        return call;
      case 'amount':
        return { ...call, amountMinor: call.amountMinor === 1n ? 2n : 1n };
      case 'move':
        return { ...call, move: call.move === 'deposit' ? 'withdraw' : 'deposit' };
      case 'account':
        return { ...call, account: this.#name(this.#names.indexOf(call.account) ^ 1) };
    }
  }

  #name(index: number): string {
    return this.#names[index] ?? '';
  }
}

function isCall(subject: (Subject & Partial<Call>) | undefined): subject is Call {
  return subject?.move !== undefined;
}

async function archiveOldest(store: Store, name: string, count: number): Promise<void> {
  const found = await store.read(name, patient());
  const oldest = [...(found?.recorded ?? [])]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, count);
  if (oldest.length > 0) await moveToArchive(store, name, new Map(oldest), patient());
}

async function tidyOne(store: Store, name: string): Promise<unknown> {
  const found = await store.read(name, patient());
  return found && tidy(name, found, { store, nowMs: () => lab.now.ms, signal: patient() });
}

it('gives the answers of the model, leaves the accounts of the model and keeps the books, for any sequence', async () => {
  const nowMs = () => lab.now.ms;
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const names = Array.from({ length: ACCOUNTS }, () => `model-${randomUUID()}`);
      const model = new ModelStore(nowMs);
      const player = new Player(names, [
        { store: lab.store, bank: plainBank(lab.store, nowMs) },
        { store: model, bank: plainBank(model, nowMs) },
      ]);
      const watermarks = new Map<string, string>();
      for (const step of script) {
        const [real, expected] = await player.play(step);
        expect(real, JSON.stringify(step, bigints)).toEqual(expected);
        for (const [name, found] of model.accounts) {
          expect(found.balanceMinor ?? 0n).toBeGreaterThanOrEqual(0n);
          expect((found.watermark ?? '') >= (watermarks.get(name) ?? '')).toBe(true);
          watermarks.set(name, found.watermark ?? '');
        }
        for (const name of watermarks.keys()) {
          // Only an item whose every key is older than the retention is removed, and its watermark with it.
          if (!model.accounts.has(name)) watermarks.delete(name);
        }
      }
      for (const name of names) {
        const item = await lab.item(name);
        expect(item === undefined ? undefined : decodeAccount(item)).toEqual(model.accounts.get(name));
        expect(model.accounts.get(name)?.balanceMinor ?? 0n).toBe(player.booked.get(name) ?? 0n);
      }
      expect([...player.executions].filter(([, times]) => times > 1)).toEqual([]);
    }),
    { seed: seedOf('store against model'), numRuns: 100, endOnFailure: false },
  );
});

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
