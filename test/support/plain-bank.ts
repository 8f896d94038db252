import type { Call, Subject } from '../../functions/core/account.ts';
import { type Bank, createBank } from '../../functions/core/bank.ts';
import type { Answer } from '../../functions/core/decide.ts';
import type { Store } from '../../functions/core/store.ts';

/** A bank whose calls give their answer alone, for tests that do not ask what was done beside it. */
export interface PlainBank extends Omit<Bank, 'move' | 'cancel'> {
  move(call: Call, signal: AbortSignal, acknowledge?: readonly string[]): Promise<Answer>;
  cancel(subject: Subject, signal: AbortSignal): Promise<Answer>;
}

export function plainBank(store: Store, nowMs: () => number): PlainBank {
  const bank = createBank(store, nowMs);
  return {
    ...bank,
    move: async (call, signal, acknowledge = []) => (await bank.move(call, acknowledge, signal)).answer,
    cancel: async (subject, signal) => (await bank.cancel(subject, signal)).answer,
  };
}

/** The balance that an answer gives, or the code that it refuses with. */
export function outcomeOf(answer: Answer): bigint | string {
  if (answer.kind === 'turned_away') {
    return answer.code;
  }
  if (answer.recorded.kind === 'cancelled') {
    return 'cancelled';
  }
  const { reply } = answer.recorded;
  return reply.kind === 'executed' ? reply.balanceMinor : reply.code;
}
