import type { CallRow, PanelAnswer } from './state.ts';

/** Answers that give the outcome of the call that a key belongs to. */
const CONCLUSIVE: ReadonlySet<PanelAnswer['kind']> = new Set(['balance', 'cancelled', 'refused']);

/** Whether the outcome of a key is unknown: `none` when it never was, `open` while it is, `over` once an answer has given it. */
export function doubtOf(calls: readonly CallRow[], key: string): 'none' | 'open' | 'over' {
  const answers = calls.flatMap(({ call, ended }) => (call.key === key && ended ? [ended.answer] : []));
  if (!answers.some((answer) => answer.kind === 'unanswered' && answer.code === 'outcome_unknown')) {
    return 'none';
  }
  return answers.some(({ kind }) => CONCLUSIVE.has(kind)) ? 'over' : 'open';
}
